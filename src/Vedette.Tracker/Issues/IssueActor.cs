using Vedette.Wire;

namespace Vedette.Tracker.Issues;

/// <summary>Who changes an issue.</summary>
/// <param name="Hook">As webhooks name them.</param>
/// <param name="AccountId">Whose activity it is; of an app, the account that it acts through. <c>null</c> when it is nobody's.</param>
public sealed record IssueActor(HookActor Hook, long? AccountId, string? Name, string? Email)
{
    public static IssueActor Platform { get; } = new(HookActor.Platform, null, null, null);
}
