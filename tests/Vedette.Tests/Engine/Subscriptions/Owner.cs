using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tests.Engine.Subscriptions;

/// <summary>Does with destinations what the host does for their owners, on the server's own engine.</summary>
internal static class Owner
{
    public const string Secret = "a secret";

    /// <summary>The destination of the first app, as it would be with nothing chosen.</summary>
    public static Destination Plain(this VedetteApp app, string url, long id = 1) => new()
    {
        Id = id,
        Kind = DestinationKind.App,
        PublicId = "its public id never changes",
        OrganizationId = 1,
        Url = url,
        Secret = app.Seal(Secret),
    };

    public static byte[] Seal(this VedetteApp app, string secret) => app.Services.GetRequiredService<SecretBox>().Seal(secret);

    public static byte[] SealList(this VedetteApp app, IReadOnlyList<string> texts) => app.Seal(new List<object?>(texts).JsonText());

    public static Task OwnAsync(this VedetteApp app, Func<Transaction, DestinationStore, Task> change) =>
        app.Database.WriteAsync(transaction => change(transaction, app.Services.GetRequiredService<DestinationStore>()), CancellationToken.None);

    /// <summary>An event for exactly one destination.</summary>
    public static Task TellAsync(this VedetteApp app, long destinationId, string resource = "installation", string action = "deleted", long organizationId = 1) =>
        app.Database.WriteAsync(transaction => app.TellAsync(transaction, destinationId, resource, action, organizationId), CancellationToken.None);

    public static Task TellAsync(
        this VedetteApp app, Transaction transaction, long destinationId, string resource = "installation", string action = "deleted", long organizationId = 1) =>
        app.Services.GetRequiredService<EventIntake>().AcceptForAsync(
            transaction,
            new HookEvent
            {
                OrganizationId = organizationId,
                Resource = resource,
                Action = action,
                Actor = HookActor.Platform,
                Data = () => "{}"u8.ToArray(),
            },
            destinationId);

    /// <summary>Oldest first.</summary>
    public static async Task<IReadOnlyList<JsonMap>> DeliveriesAsync(this VedetteApp app, string query = "") =>
        [.. (await app.GetAsync($"/api/vedette/organizations/default/deliveries/?{query}")).List.Cast<JsonMap>().Reverse()];
}
