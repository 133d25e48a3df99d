using System.Globalization;
using Vedette.Server.Accounts;
using Vedette.Server.Administration;
using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Members;

/// <summary>What became of a wish to accept an invite.</summary>
internal enum InviteVerdict
{
    Accepted,

    /// <summary>It was accepted, taken back or renewed meanwhile.</summary>
    NotThere,

    /// <summary>Somebody made an account with its address meanwhile, or that account is gone.</summary>
    SomebodyElses,

    /// <summary>Its account is a member already, so it was of no use and is gone.</summary>
    MemberAlready,
}

/// <summary>What somebody without an account makes one with.</summary>
internal sealed record Newcomer(string Name, string Password)
{
    public const int LongestName = 200;
    public const int LongestPassword = 256;

    /// <returns>The newcomer; or <c>null</c>, and the member of the body that will not do, and why.</returns>
    public static (Newcomer? Read, string Field, string Wrong) Read(JsonMap body)
    {
        if (BodyFields.WhyNotText(body, "name", LongestName, required: true, out var name) is { } badName)
            return (null, "name", badName);

        // Spaces at its ends are part of a password.
        if (BodyFields.WhyNotText(body, "password", LongestPassword, required: true, out _) is { } badPassword)
            return (null, "password", badPassword);
        var password = body.Text("password")!;
        return password.Length < AdminStore.ShortestPassword
            ? (null, "password", $"This password is too short. It must contain at least {AdminStore.ShortestPassword} characters.")
            : (new(name!, password), "", "");
    }

    /// <summary>Without the password.</summary>
    public override string ToString() => $"{nameof(Newcomer)} {Name}";
}

/// <summary>The one way from an invite to a membership, for its page and for the API.</summary>
internal sealed class InviteAcceptance(InviteStore invites, AccountStore accounts, Database database, AuditLog audit)
{
    /// <param name="member">As the link has it.</param>
    /// <returns><c>null</c> when there is no such invite, its token is another, or its time is over.</returns>
    public Task<OpenInvite?> FindAsync(string member, string token, CancellationToken ct) =>
        long.TryParse(member, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? invites.OpenAsync(id, token, ct) : Task.FromResult<OpenInvite?>(null);

    /// <param name="newcomer">Who makes the account; <c>null</c> when the account with the address accepts.</param>
    /// <returns>The account's id is one only with <see cref="InviteVerdict.Accepted"/>.</returns>
    public async Task<(InviteVerdict Verdict, long AccountId)> AcceptAsync(OpenInvite invite, string token, Newcomer? newcomer, string? ip, CancellationToken ct)
    {
        var hash = newcomer is null ? null : AccountStore.HashPassword(invite.Email, newcomer.Password);
        return await database.WriteAsync(async transaction =>
        {
            if (await invites.OpenAsync(transaction, invite.MemberId, token) is not { } open)
                return (InviteVerdict.NotThere, 0);
            if (open.AccountId is null == hash is null)
                return (InviteVerdict.SomebodyElses, 0);
            if (open.IsMember)
            {
                await invites.DropAsync(transaction, open);
                return (InviteVerdict.MemberAlready, 0);
            }

            var accountId = open.AccountId ?? await accounts.AddHashedAccountAsync(transaction, open.Email, newcomer!.Name, hash!);
            if (!await invites.AcceptAsync(transaction, open, accountId))
                return (InviteVerdict.NotThere, 0);
            await audit.AddAsync(
                transaction, open.OrganizationId, new AuditSource(new AuditActor(AuditActorKind.User, accountId, open.Email), ip), AuditEvents.MemberAccepted, open.MemberId,
                ("email", open.Email), ("role", open.Role));
            return (InviteVerdict.Accepted, accountId);
        }, ct);
    }
}
