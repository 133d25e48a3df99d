using Vedette.Server.Api;
using Vedette.Server.Authorization;

namespace Vedette.Server.Members;

/// <summary>What the link of an invite leads to. The token in it is the permission; nothing else is asked for.</summary>
internal static class InviteEndpoints
{
    private const string Invalid = "Invalid invite code";
    private const string Unable = "unable to accept organization invite";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapInvites()
        {
            routes.MapGet("/api/0/accept-invite/{member}/{token}/", ShowAsync).AllowStrangers();
            routes.MapPost("/api/0/accept-invite/{member}/{token}/", AcceptAsync).AllowStrangers();
        }
    }

    private static async Task<IResult> ShowAsync(string member, string token, HttpContext context, InviteAcceptance acceptance, CancellationToken ct)
    {
        if (await acceptance.FindAsync(member, token, ct) is not { } invite)
            return Wrong(Invalid);

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
    private static async Task<IResult> AcceptAsync(string member, string token, HttpContext context, InviteAcceptance acceptance, CancellationToken ct)
    {
        if (await acceptance.FindAsync(member, token, ct) is not { } invite)
            return Wrong(Invalid);

        return invite.ClaimOf(context.Features.Get<Access>()) switch
        {
            InviteClaim.Own => await FinishAsync(invite, token, null, context, acceptance, ct),
            InviteClaim.Newcomers => await JoinAsync(invite, token, context, acceptance, ct),
            InviteClaim.AfterLogin => ApiResults.Detail(StatusCodes.Status401Unauthorized, "Authentication credentials were not provided."),
            InviteClaim.SomebodyElses => Wrong(Unable),
        };
    }

    private static async Task<IResult> JoinAsync(OpenInvite invite, string token, HttpContext context, InviteAcceptance acceptance, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (newcomer, field, wrong) = Newcomer.Read(body.Map);
        return newcomer is null ? ApiResults.Invalid(field, wrong) : await FinishAsync(invite, token, newcomer, context, acceptance, ct);
    }

    private static async Task<IResult> FinishAsync(
        OpenInvite invite, string token, Newcomer? newcomer, HttpContext context, InviteAcceptance acceptance, CancellationToken ct) =>
        (await acceptance.AcceptAsync(invite, token, newcomer, ClientAddress.Of(context), ct)).Verdict switch
        {
            InviteVerdict.Accepted => Results.NoContent(),
            InviteVerdict.NotThere => Wrong(Invalid),
            InviteVerdict.SomebodyElses => Wrong(Unable),
            InviteVerdict.MemberAlready => Wrong("member already exists"),
        };

    /// <summary>Sentry's word for it has an s here.</summary>
    private static IResult Wrong(string details) => ApiResults.Json(StatusCodes.Status400BadRequest, json =>
    {
        json.StartObject();
        json.Name("details"u8);
        json.Value(details);
        json.EndObject();
    });
}
