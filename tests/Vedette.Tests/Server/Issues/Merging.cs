using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Authorization;
using Vedette.Server.Issues;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;

namespace Vedette.Tests.Server.Issues;

internal static class Merging
{
    /// <summary>As a bulk request of the first owner does it.</summary>
    public static async Task<(long Parent, IReadOnlyList<long> Children)?> MergeAsync(this VedetteApp app, params long[] ids)
    {
        var change = IssueChangeForm.Read(new JsonMap { ["merge"] = 1d }, app.Time.GetUtcNow()).Change!;
        var owner = new Access(
            new Holder
            {
                Credential = CredentialKind.Session,
                AccountId = 1,
                Name = "owner",
                Email = "owner@localhost",
                IsActive = true,
                IsSuperuser = false,
                ExpiresAt = null,
                Scopes = Scopes.All,
                Memberships = [new Membership(1, "default", MemberRole.Owner)],
            },
            null);
        var outcome = await app.Database.WriteAsync(
            transaction => app.Services.GetRequiredService<IssueChanges>().ApplyAsync(transaction, change, ids, 1, owner), CancellationToken.None);
        return outcome.Merged;
    }
}
