using System.Globalization;
using Vedette.Server.Accounts;
using Vedette.Server.Administration;
using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.Members;

/// <summary>What the link of an invite leads to. The token in it is the permission; nothing else is asked for.</summary>
internal static class InviteEndpoints
{
    private const int LongestName = 200;
    private const int LongestPassword = 256;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapInvites()
        {
            routes.MapGet("/api/0/accept-invite/{member}/{token}/", ShowAsync).AllowStrangers();
            routes.MapPost("/api/0/accept-invite/{member}/{token}/", AcceptAsync).AllowStrangers();
        }
    }

    private static async Task<IResult> ShowAsync(string member, string token, HttpContext context, InviteStore invites, CancellationToken ct)
    {
        if (await FindAsync(member, token, invites, ct) is not { } invite)
            return Wrong("Invalid invite code");

        var access = context.Features.Get<Access>();
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("orgSlug"u8);
            json.Value(invite.OrganizationSlug);
            json.Name("email"u8);
            json.Value(invite.Email);
            json.Name("needsAuthentication"u8);
            json.Value(access is null);
            json.Name("hasAccount"u8);
            json.Value(invite.AccountId is not null);
            json.Name("existingMember"u8);
            json.Value(invite.IsMember);
            json.Name("needs2fa"u8);
            json.Value(false);
            json.Name("needsSso"u8);
            json.Value(false);
            json.Name("requireSso"u8);
            json.Value(false);
            json.Name("hasAuthProvider"u8);
            json.Value(false);
            json.EndObject();
        });
    }

    /// <summary>By the account with the address that was invited, or, when there is none, by somebody who gives it a name and a password.</summary>
    private static async Task<IResult> AcceptAsync(
        string member, string token, HttpContext context, InviteStore invites, AccountStore accounts, Database database, AuditLog audit, CancellationToken ct)
    {
        if (await FindAsync(member, token, invites, ct) is not { } invite)
            return Wrong("Invalid invite code");

        var access = context.Features.Get<Access>();
        if (access is not null && access.AccountId != invite.AccountId)
            return Wrong("unable to accept organization invite");
        if (access is null && invite.AccountId is not null)
            return ApiResults.Detail(StatusCodes.Status401Unauthorized, "Authentication credentials were not provided.");

        var (refusal, name, hash) = access is null ? await ReadAccountAsync(context.Request, invite, ct) : default;
        if (refusal is not null)
            return refusal;

        var refused = await database.WriteAsync(async transaction =>
        {
            if (await invites.OpenAsync(transaction, invite.MemberId, token) is not { } open)
                return "Invalid invite code";

            // Somebody may have made the account meanwhile, and then it is theirs to accept.
            if (open.AccountId is null == hash is null)
                return "unable to accept organization invite";
            if (open.IsMember)
            {
                await invites.DropAsync(transaction, open);
                return "member already exists";
            }

            var accountId = open.AccountId ?? await accounts.AddHashedAccountAsync(transaction, open.Email, name!, hash!);
            if (!await invites.AcceptAsync(transaction, open, accountId))
                return "Invalid invite code";
            await audit.AddAsync(
                transaction, open.OrganizationId, new AuditSource(new AuditActor(AuditActorKind.User, accountId, open.Email), ClientAddress.Of(context)), AuditEvents.MemberAccepted, open.MemberId,
                ("email", open.Email), ("role", open.Role));
            return null;
        }, ct);
        return refused is null ? Results.NoContent() : Wrong(refused);
    }

    /// <summary>The name and the password's hash, or why they will not do.</summary>
    private static async Task<(IResult? Refusal, string? Name, string? Hash)> ReadAccountAsync(HttpRequest request, OpenInvite invite, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return (body.Refusal, null, null);
        if (BodyFields.RefuseText(body.Map, "name", LongestName, required: true, out var name) is { } badName)
            return (badName, null, null);

        // Spaces at its ends are part of a password.
        if (BodyFields.RefuseText(body.Map, "password", LongestPassword, required: true, out _) is { } badPassword)
            return (badPassword, null, null);
        var password = body.Map.Text("password")!;
        if (password.Length < AdminStore.ShortestPassword)
        {
            return (
                ApiResults.Invalid("password", $"This password is too short. It must contain at least {AdminStore.ShortestPassword} characters."), null, null);
        }

        return (null, name, AccountStore.HashPassword(invite.Email, password));
    }

    private static Task<OpenInvite?> FindAsync(string member, string token, InviteStore invites, CancellationToken ct) =>
        long.TryParse(member, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? invites.OpenAsync(id, token, ct) : Task.FromResult<OpenInvite?>(null);

    /// <summary>Sentry's word for it has an s here.</summary>
    private static IResult Wrong(string details) => ApiResults.Json(StatusCodes.Status400BadRequest, json =>
    {
        json.StartObject();
        json.Name("details"u8);
        json.Value(details);
        json.EndObject();
    });
}
