using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vedette.Server.Ingest;

/// <summary>Who sends, as far as the request without its body says. Whether the key is any good is asked later.</summary>
/// <param name="PublicKey"><c>null</c> when only the envelope can name it.</param>
internal sealed record IngestSender(long ProjectId, string? PublicKey, string? PeerAddress, DateTimeOffset Received)
{
    /// <returns><c>false</c> when the request is refused before its body is read.</returns>
    public static bool TryRead(
        HttpRequest request,
        string projectId,
        DateTimeOffset received,
        [NotNullWhen(true)] out IngestSender? sender,
        [NotNullWhen(false)] out IResult? refusal)
    {
        (sender, refusal) = (null, null);
        var (key, badKey) = DsnCredentials.Read(request);
        if (!long.TryParse(projectId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            refusal = IngestResults.Error(StatusCodes.Status400BadRequest, "bad project path parameter", $"'{projectId}' is not a project id");
        else if (badKey is not null)
            refusal = IngestResults.Error(badKey.Status, badKey.Detail, badKey.Causes);
        else
            sender = new IngestSender(id, key, request.HttpContext.Connection.RemoteIpAddress?.ToString(), received);
        return sender is not null;
    }
}
