using Vedette.Wire;

namespace Vedette.Engine;

/// <summary>Something that happened and that others may have subscribed to.</summary>
public sealed record HookEvent
{
    public required long OrganizationId { get; init; }

    /// <summary><c>null</c> for what belongs to no project; then only subscriptions to every project match.</summary>
    public long? ProjectId { get; init; }

    public long? IssueId { get; init; }

    public required string Resource { get; init; }

    public required string Action { get; init; }

    /// <summary>What the request log names; <c>null</c> when there is nothing to name.</summary>
    public HookSubject? Subject { get; init; }

    public required HookActor Actor { get; init; }

    /// <summary>Gives the JavaScript-stable JSON object of <c>data</c>. Called only when somebody is subscribed, at most once.</summary>
    public required Func<byte[]> Data { get; init; }

    /// <summary>As <see cref="Data"/>, in the form of version 1, for destinations that take it; <c>null</c> when there is but one form.</summary>
    public Func<byte[]>? FlatData { get; init; }

    /// <summary>
    /// Sealed, and plain enough to stand in JSON: what the receiver gets for each string <see cref="HookPayload.Mask"/> in
    /// the data. Neither tables nor logs show it.
    /// </summary>
    public byte[]? Secret { get; init; }

    public string Name => $"{Resource}.{Action}";

    /// <summary>It tells an app that it was installed or uninstalled, and is held by nothing.</summary>
    internal bool IsLifecycle => Resource == "installation";
}

/// <summary>The thing that an event is about, as the request log shows it (<c>spec/webhooks.md</c> 4.4).</summary>
/// <param name="Type"><c>event</c>, <c>group</c>, <c>comment</c> and so on.</param>
public sealed record HookSubject(string Type, string Id);
