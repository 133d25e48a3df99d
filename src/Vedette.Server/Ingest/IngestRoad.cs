using System.Globalization;
using System.Security.Cryptography;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Ingest;

/// <summary>Who sends, as far as the request without its body says.</summary>
/// <param name="PublicKey"><c>null</c> when only the envelope can name it.</param>
internal sealed record IngestSender(long ProjectId, string? PublicKey, string? PeerAddress, DateTimeOffset Received);

/// <summary>Exactly one of the first two when the envelope was not taken.</summary>
/// <param name="EventId">Of an envelope that was taken; <c>null</c> when nothing in it has one.</param>
internal sealed record IngestAnswer(IngestFault? Fault, IResult? Refusal, string? EventId);

/// <summary>From a request to a commit. What it accepts is on disk, with the deliveries that it caused, before it answers.</summary>
internal sealed class IngestRoad(ProjectStore projects, EventStore events, TimeProvider time)
{
    public const int LargestEvent = EnvelopeEvents.LargestEvent;

    /// <returns><c>null</c>, or the answer to a request that need not be read.</returns>
    public IResult? Begin(string projectId, HttpRequest request, out IngestSender sender)
    {
        sender = new IngestSender(0, null, null, time.GetUtcNow());
        if (!long.TryParse(projectId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return IngestResults.Error(StatusCodes.Status400BadRequest, "bad project path parameter", $"'{projectId}' is not a project id");

        var (key, refusal) = DsnCredentials.Read(request);
        if (refusal is not null)
            return IngestResults.Error(refusal.Status, refusal.Detail);

        sender = sender with { ProjectId = id, PublicKey = key, PeerAddress = request.HttpContext.Connection.RemoteIpAddress?.ToString() };
        return null;
    }

    public async Task<IngestAnswer> TakeAsync(Envelope envelope, IngestSender sender, CancellationToken ct)
    {
        // 1. Who is it? The envelope may carry the DSN itself; then it must say the same as the request.
        var key = sender.PublicKey;
        if (envelope.Header.Text("dsn") is { } dsn)
        {
            if (DsnCredentials.ReadDsn(dsn) is not var (dsnKey, dsnProject))
                return Refused(StatusCodes.Status401Unauthorized, "bad dsn in the envelope header");
            if ((key is not null && key != dsnKey) || dsnProject != sender.ProjectId.ToString(CultureInfo.InvariantCulture))
                return Refused(StatusCodes.Status403Forbidden, "event submission rejected with_reason: ProjectId", "the envelope's dsn is not that of the request");
            key = dsnKey;
        }

        if (key is null)
            return Refused(StatusCodes.Status401Unauthorized, "missing authorization information");
        if (await projects.AuthenticateAsync(sender.ProjectId, key, ct) is not var (project, projectKey))
            return Refused(StatusCodes.Status403Forbidden, "event submission rejected with_reason: ProjectId", "the project does not exist, or the key is unknown, disabled or of another project");

        // 2. What is in it?
        var context = new EventContext
        {
            EventId = RandomNumberGenerator.GetHexString(32, lowercase: true),
            Received = sender.Received,
            SentAt = SdkInstant.Read(envelope.Header["sent_at"]),
            PeerAddress = sender.PeerAddress,
            KeyId = projectKey.Id.ToString(CultureInfo.InvariantCulture),
            ProjectId = project.Id,
        };
        if (!EnvelopeEvents.TryRead(envelope, context, out var content, out var fault))
            return new IngestAnswer(fault, null, null);

        // 3. Once it has begun to be written it is written, whether or not the sender still listens.
        await events.StoreAsync(project, content.Events, content.Dropped, CancellationToken.None);
        return new IngestAnswer(null, null, content.EventId);
    }

    private static IngestAnswer Refused(int status, string detail, params IReadOnlyList<string> causes) =>
        new(null, IngestResults.Error(status, detail, causes), null);
}
