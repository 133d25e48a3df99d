using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Teams;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Wire.Json;

namespace Vedette.Server.Members;

/// <summary>Who belongs to an organization and as what, in Sentry's shapes and words.</summary>
internal static class MemberEndpoints
{
    private const string OnlyOwner = "You cannot remove the only remaining owner of the organization.";
    private const string InvitedBySomebodyElse = "You cannot modify invitations sent by someone else.";
    private const string NotYourTeamMate = "You do not have permission to edit that user's membership.";

    private static readonly string[] MemberRead = ["member:read", "member:write", "member:admin"];
    private static readonly string[] MemberInvite = ["member:invite", "member:write", "member:admin"];
    private static readonly string[] MayChangeTeams = ["team:write", "team:admin", "org:write", "org:admin", "member:write", "member:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapMembers()
        {
            var members = routes.MapGroup("/api/0/organizations/{organization}/members/");
            members.MapGet("", ListAsync).RequireAnyScope(MemberRead);
            members.MapPost("", InviteAsync).RequireAnyScope(MemberInvite);
            members.MapGet("{member}/", ShowAsync).RequireAnyScope(MemberRead);
            members.MapPut("{member}/", ChangeAsync).RequireAnyScope(MemberInvite);
            members.MapDelete("{member}/", RemoveAsync).RequireAnyScope(MemberRead);
            members.MapPost("{member}/teams/{team}/", JoinTeamAsync).RequireAnyScope(["org:read", .. MayChangeTeams]);
            members.MapDelete("{member}/teams/{team}/", LeaveTeamAsync).RequireAnyScope(["org:read", .. MayChangeTeams]);
        }
    }

    /// <summary>Members and invites, in the order in which they came.</summary>
    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, MemberStore members, Links links, TimeProvider time, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await members.ListAsync(access.Organization!.Id, null, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, member => (member.Id, 0), ListOrder.OldestFirst);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var member in page)
                MemberJson.Write(json, member, time.GetUtcNow());
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(string member, Access access, MemberStore members, TimeProvider time, CancellationToken ct) =>
        await FindAsync(member, access, members, ct) is { } found ? Shown(StatusCodes.Status200OK, found, time) : ApiResults.NotFound();

    /// <summary>With a role that is at most one's own; <c>member</c> when none is named.</summary>
    private static async Task<IResult> InviteAsync(
        HttpContext context, Access access, MemberStore members, InviteStore invites, TeamStore teams, Database database, AuditLog audit, TimeProvider time,
        CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (MemberForm.RefuseEmail(body.Map, out var email) is { } badEmail)
            return badEmail;
        if (MemberForm.RefuseRole(body.Map, out var wanted) is { } badRole)
            return badRole;
        var role = wanted ?? MemberRole.Member;
        if (role > RoleOf(access))
            return ApiResults.Invalid("role", "You do not have permission to invite that role.");
        if (MemberForm.RefuseTeams(body.Map, out var slugs) is { } badTeams)
            return badTeams;

        var teamIds = new List<long>();
        foreach (var slug in slugs)
        {
            if (await teams.FindAsync(access.Organization!.Id, slug, access.AccountId, ct) is not { } team)
                return ApiResults.Invalid("teams", "Invalid teams");
            teamIds.Add(team.Id);
        }

        var source = AuditSource.Of(access);
        var token = InviteStore.NewToken();
        var (id, verdict, isMember) = await database.WriteAsync(async transaction =>
        {
            var added = await invites.AddAsync(transaction, access.Organization!, email!, role, access, token);
            if (added.Verdict != MemberVerdict.Done)
                return added;
            foreach (var team in teamIds)
                await members.JoinAsync(transaction, added.Id, team);
            await audit.AddAsync(
                transaction, access.Organization!.Id, source, AuditEvents.MemberInvited, added.Id, ("email", email), ("role", StoredName.Of(role)));
            return added;
        }, ct);
        if (verdict != MemberVerdict.Done)
            return ApiResults.Invalid("email", isMember ? $"The user {email} is already a member" : $"The user {email} has already been invited");

        return await members.FindAsync(access.Organization!.Id, id, ct) is { } invited ? Shown(StatusCodes.Status201Created, invited, time) : ApiResults.NotFound();
    }

    /// <summary>Another role, or, with <c>reinvite</c>, another mail with another link to somebody who has not come yet.</summary>
    private static async Task<IResult> ChangeAsync(
        string member, HttpContext context, Access access, MemberStore members, InviteStore invites, Database database, AuditLog audit, TimeProvider time,
        CancellationToken ct)
    {
        if (await FindAsync(member, access, members, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var mayManage = access.MayIn(found.OrganizationId, MemberForm.MayManage);
        var isReinvite = body.Map["reinvite"] is true;
        if (!mayManage && !(isReinvite && found.IsPending))
            return ApiResults.Forbidden();
        if (!mayManage && found.InviterId != access.AccountId)
            return ApiResults.Detail(StatusCodes.Status403Forbidden, InvitedBySomebodyElse);
        if (isReinvite)
            return await ReinviteAsync(access, found, body.Map, members, invites, database, audit, time, ct);

        if (MemberForm.RefuseRole(body.Map, out var wanted) is { } badRole)
            return badRole;
        if (BodyFields.RefuseOthers(body.Map, json => MemberJson.Write(json, found, time.GetUtcNow()), "role", "orgRole", "reinvite", "regenerate") is { } other)
            return other;
        if (wanted is not { } role || role == found.Role)
            return Shown(StatusCodes.Status200OK, found, time);

        var own = RoleOf(access);
        if (role > own)
            return WrongRole("You do not have permission to assign the given role.");
        if (found.Role > own)
            return WrongRole("You do not have permission to assign a role to the given user.");

        var source = AuditSource.Of(access);
        var verdict = await database.WriteAsync(async transaction =>
        {
            var changed = await members.ChangeRoleAsync(transaction, found, role, access.AccountId);
            if (changed == MemberVerdict.Done)
                await AuditAsync(transaction, audit, source, AuditEvents.MemberChanged, found with { RoleName = StoredName.Of(role) });
            return changed;
        }, ct);
        return verdict switch
        {
            MemberVerdict.Done => Shown(StatusCodes.Status200OK, found with { RoleName = StoredName.Of(role) }, time),
            MemberVerdict.LastOwner => ApiResults.Detail(StatusCodes.Status403Forbidden, OnlyOwner),
            MemberVerdict.Oneself => ApiResults.Detail(StatusCodes.Status400BadRequest, "You cannot make changes to your own role."),
            MemberVerdict.NotThere or MemberVerdict.AlreadyThere => ApiResults.NotFound(),
        };
    }

    private static async Task<IResult> ReinviteAsync(
        Access access, Member found, JsonMap body, MemberStore members, InviteStore invites, Database database, AuditLog audit,
        TimeProvider time, CancellationToken ct)
    {
        if (body.Members.Any(each => each.Key is not ("reinvite" or "regenerate")))
        {
            return ApiResults.Detail(
                StatusCodes.Status403Forbidden, "You cannot modify member details when resending an invitation. Separate requests are required.");
        }

        if (!found.IsPending)
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "You cannot send an invitation to a user who is already a full member.");

        var source = AuditSource.Of(access);
        var token = InviteStore.NewToken();
        var verdict = await database.WriteAsync(async transaction =>
        {
            var renewed = await invites.RenewAsync(transaction, access.Organization!, found, access, token);
            if (renewed == MemberVerdict.Done)
                await AuditAsync(transaction, audit, source, AuditEvents.MemberReinvited, found);
            return renewed;
        }, ct);
        return verdict == MemberVerdict.Done && await members.FindAsync(found.OrganizationId, found.Id, ct) is { } now
            ? Shown(StatusCodes.Status200OK, now, time)
            : ApiResults.NotFound();
    }

    /// <summary>Everybody may go, and take back the invites that they sent; others are sent away by whoever has <c>member:admin</c> and no lesser role.</summary>
    private static async Task<IResult> RemoveAsync(
        string member, Access access, MemberStore members, Database database, AuditLog audit, CancellationToken ct)
    {
        if (await FindAsync(member, access, members, ct) is not { } found)
            return ApiResults.NotFound();

        if (found.AccountId != access.AccountId)
        {
            if (!access.MayIn(found.OrganizationId, "member:admin"))
            {
                if (!found.IsPending || !access.MayIn(found.OrganizationId, "member:invite"))
                    return ApiResults.Detail(StatusCodes.Status400BadRequest, "You are missing the member:admin scope.");
                if (found.InviterId != access.AccountId)
                    return ApiResults.Detail(StatusCodes.Status400BadRequest, InvitedBySomebodyElse);
            }
            else if (found.Role > RoleOf(access))
            {
                return ApiResults.Detail(StatusCodes.Status400BadRequest, "You cannot remove a member who has more access than you.");
            }
        }

        var source = AuditSource.Of(access);
        var verdict = await database.WriteAsync(async transaction =>
        {
            var removed = await members.RemoveAsync(transaction, found);
            if (removed == MemberVerdict.Done)
                await AuditAsync(transaction, audit, source, AuditEvents.MemberRemoved, found);
            return removed;
        }, ct);
        return verdict switch
        {
            MemberVerdict.Done => Results.NoContent(),
            MemberVerdict.LastOwner => ApiResults.Detail(StatusCodes.Status403Forbidden, OnlyOwner),
            MemberVerdict.NotThere or MemberVerdict.AlreadyThere or MemberVerdict.Oneself => ApiResults.NotFound(),
        };
    }

    /// <summary>Everybody may join for themselves.</summary>
    private static async Task<IResult> JoinTeamAsync(
        string member, string team, Access access, MemberStore members, TeamStore teams, Database database, AuditLog audit,
        CancellationToken ct)
    {
        if (await FindAsync(member, access, members, ct) is not { } found
            || await teams.FindAsync(found.OrganizationId, team, access.AccountId, ct) is not { } joined)
        {
            return ApiResults.NotFound();
        }

        if (!MayChangeTeamsOf(found, access))
            return ApiResults.Detail(StatusCodes.Status400BadRequest, NotYourTeamMate);

        var source = AuditSource.Of(access);
        var isNew = await database.WriteAsync(async transaction =>
        {
            if (!await members.JoinAsync(transaction, found.Id, joined.Id))
                return false;
            await AuditAsync(transaction, audit, source, AuditEvents.MemberJoinedTeam, found, joined.Slug);
            return true;
        }, ct);
        if (!isNew)
            return Results.NoContent();

        return await teams.FindAsync(found.OrganizationId, team, access.AccountId, ct) is { } now
            ? ApiResults.Json(StatusCodes.Status201Created, json => TeamJson.Write(json, now, access))
            : ApiResults.NotFound();
    }

    private static async Task<IResult> LeaveTeamAsync(
        string member, string team, Access access, MemberStore members, TeamStore teams, Database database, AuditLog audit,
        CancellationToken ct)
    {
        if (await FindAsync(member, access, members, ct) is not { } found
            || await teams.FindAsync(found.OrganizationId, team, access.AccountId, ct) is not { } left)
        {
            return ApiResults.NotFound();
        }

        if (!MayChangeTeamsOf(found, access))
            return ApiResults.Detail(StatusCodes.Status400BadRequest, NotYourTeamMate);

        var source = AuditSource.Of(access);
        await database.WriteAsync(async transaction =>
        {
            if (await members.LeaveAsync(transaction, found.Id, left.Id))
                await AuditAsync(transaction, audit, source, AuditEvents.MemberLeftTeam, found, left.Slug);
        }, ct);
        return await teams.FindAsync(found.OrganizationId, team, access.AccountId, ct) is { } now
            ? ApiResults.Json(StatusCodes.Status200OK, json => TeamJson.Write(json, now, access))
            : ApiResults.NotFound();
    }

    /// <summary>By number, or <c>me</c>.</summary>
    private static Task<Member?> FindAsync(string member, Access access, MemberStore members, CancellationToken ct)
    {
        if (member == "me")
            return members.OfAccountAsync(access.Organization!.Id, access.AccountId, ct);

        return long.TryParse(member, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? members.FindAsync(access.Organization!.Id, id, ct)
            : Task.FromResult<Member?>(null);
    }

    private static bool MayChangeTeamsOf(Member member, Access access) =>
        member.AccountId == access.AccountId || access.MayIn(member.OrganizationId, MayChangeTeams);

    /// <summary>An app ranks with members, whatever its scopes let it do: it gives nobody more than that.</summary>
    private static MemberRole RoleOf(Access access) => access.IsSuperuser
        ? MemberRole.Owner
        : access.Memberships.First(m => m.OrganizationId == access.Organization!.Id).Role ?? MemberRole.Member;

    private static Task AuditAsync(Transaction transaction, AuditLog audit, AuditSource source, string name, Member member, string? team = null) =>
        audit.AddAsync(
            transaction, member.OrganizationId, source, name, member.Id,
            ("email", member.Email), team is null ? ("role", StoredName.Of(member.Role)) : ("team_slug", team));

    private static IResult WrongRole(string message) => ApiResults.Json(StatusCodes.Status403Forbidden, json =>
    {
        json.StartObject();
        json.Name("role"u8);
        json.StartArray();
        json.Value(message);
        json.EndArray();
        json.EndObject();
    });

    private static IResult Shown(int status, Member member, TimeProvider time) =>
        ApiResults.Json(status, json => MemberJson.Write(json, member, time.GetUtcNow()));
}
