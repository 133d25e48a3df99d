using System.Globalization;
using System.Security.Cryptography;
using Vedette.Server.Metrics;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Ingest;

/// <param name="Refusal"><c>null</c> when the envelope was taken.</param>
/// <param name="EventId">Of an envelope that was taken; <c>null</c> when nothing in it has one.</param>
internal sealed record IngestAnswer(IResult? Refusal, string? EventId);

/// <summary>From an envelope to a commit. What it accepts is on disk, with the deliveries that it caused, before it answers.</summary>
internal sealed class IngestRoad(ProjectStore projects, EventStore events, KeyRates rates, IngestMetrics metrics)
{
    private const string Rejected = "event submission rejected with_reason: ProjectId";

    public async Task<IngestAnswer> TakeAsync(Envelope envelope, IngestSender sender, CancellationToken ct)
    {
        // 1. Who is it? The envelope may carry the DSN itself; then it must say the same as the request.
        var key = sender.PublicKey;
        if (envelope.Header.Text("dsn") is { } dsn)
        {
            if (DsnCredentials.ReadDsn(dsn) is not var (dsnKey, dsnProject))
                return Refused(StatusCodes.Status401Unauthorized, "bad dsn in the envelope header", "a dsn is scheme://key@host/project");
            if ((key is not null && key != dsnKey) || dsnProject != sender.ProjectId.ToString(CultureInfo.InvariantCulture))
                return Refused(StatusCodes.Status403Forbidden, Rejected, "the envelope's dsn is not that of the request");
            key = dsnKey;
        }

        if (key is null)
            return Refused(StatusCodes.Status401Unauthorized, "missing authorization information");
        if (await projects.AuthenticateAsync(sender.ProjectId, key, ct) is not var (project, keyId, limit))
            return Refused(StatusCodes.Status403Forbidden, Rejected, "the project does not exist, or the key is unknown, disabled or of another project");

        // 2. What is in it?
        var context = new EventContext
        {
            EventId = RandomNumberGenerator.GetHexString(32, lowercase: true),
            Received = sender.Received,
            SentAt = SdkInstant.Read(envelope.Header["sent_at"]),
            PeerAddress = sender.PeerAddress,
            KeyId = keyId.ToString(CultureInfo.InvariantCulture),
            ProjectId = project.Id,
        };
        if (!EnvelopeEvents.TryRead(envelope, context, out var content, out var fault))
            return new IngestAnswer(IngestResults.Fault(fault), null);

        if (limit is not null && rates.TryTake(keyId, limit, content.Events.Count, sender.Received) is { } wait)
            return new IngestAnswer(IngestResults.TooMany(wait), null);

        // 3. Once it has begun to be written it is written, whether or not the sender still listens.
        await events.StoreAsync(project, content.Events, content.Dropped, CancellationToken.None);
        metrics.Stored(content);
        return new IngestAnswer(null, content.EventId);
    }

    private static IngestAnswer Refused(int status, string detail, params IReadOnlyList<string> causes) =>
        new(IngestResults.Error(status, detail, causes), null);
}
