using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Sessions;
using Vedette.Server.Web;

namespace Vedette.Server.Members;

/// <summary>What the link in the mail of an invite opens.</summary>
internal static class InvitePages
{
    private const string Accept = "/accept/{member}/{token}/";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapInvitePages()
        {
            routes.MapGet(Accept, ShowAsync).PageForAll();
            routes.MapPost(Accept, AcceptAsync).PageForAll();
        }
    }

    private static async Task<IResult> ShowAsync(string member, string token, HttpContext context, InviteAcceptance acceptance, CancellationToken ct)
    {
        if (await acceptance.FindAsync(member, token, ct) is not { } invite)
            return NotThere();

        return invite.ClaimOf(context.Features.Get<Access>()) switch
        {
            InviteClaim.Own => invite.IsMember ? MemberAlready(invite) : Ask(invite, context),
            InviteClaim.Newcomers => Ask(invite, context),
            InviteClaim.AfterLogin => PageResults.ToLogin(),
            InviteClaim.SomebodyElses => SomebodyElses(invite, context),
        };
    }

    private static async Task<IResult> AcceptAsync(
        string member, string token, HttpContext context, InviteAcceptance acceptance, PasswordLogin login, CancellationToken ct)
    {
        if (await acceptance.FindAsync(member, token, ct) is not { } invite)
            return NotThere();

        return invite.ClaimOf(context.Features.Get<Access>()) switch
        {
            InviteClaim.Own => await FinishAsync(invite, token, null, context, acceptance, login, ct),
            InviteClaim.Newcomers => await JoinAsync(invite, token, context, acceptance, login, ct),
            InviteClaim.AfterLogin => PageResults.ToLogin(),
            InviteClaim.SomebodyElses => SomebodyElses(invite, context),
        };
    }

    private static async Task<IResult> JoinAsync(
        OpenInvite invite, string token, HttpContext context, InviteAcceptance acceptance, PasswordLogin login, CancellationToken ct)
    {
        var form = await JsonBody.ReadFormOrJsonAsync(context.Request, ct);
        if (form.IsRefused)
            return form.Refusal;
        var (newcomer, field, wrong) = Newcomer.Read(form.Map);
        return newcomer is null
            ? Ask(invite, context, StatusCodes.Status400BadRequest, form.Map.Text("name"), field, wrong)
            : await FinishAsync(invite, token, newcomer, context, acceptance, login, ct);
    }

    /// <summary>A newcomer is logged in with it: they just chose the password.</summary>
    private static async Task<IResult> FinishAsync(
        OpenInvite invite, string token, Newcomer? newcomer, HttpContext context, InviteAcceptance acceptance, PasswordLogin login, CancellationToken ct)
    {
        var (verdict, accountId) = await acceptance.AcceptAsync(invite, token, newcomer, ClientAddress.Of(context), ct);
        if (verdict == InviteVerdict.Accepted && newcomer is not null)
            await login.BeginAsync(context, accountId, ct);
        return verdict switch
        {
            InviteVerdict.Accepted => PageResults.To("/"),
            InviteVerdict.NotThere => NotThere(),
            InviteVerdict.SomebodyElses => PageResults.To(context.Request.Path.ToUriComponent()), // The page knows what to ask now.
            InviteVerdict.MemberAlready => MemberAlready(invite),
        };
    }

    private static IResult Ask(
        OpenInvite invite, HttpContext context, int status = StatusCodes.Status200OK, string? name = null, string? field = null, string? wrong = null) =>
        PageResults.Show<InvitePage>(status, new
        {
            Path = context.Request.Path.ToUriComponent(),
            Organization = invite.OrganizationName,
            invite.Email,
            invite.Role,
            IsNewcomer = invite.AccountId is null,
            Name = name,
            WrongField = field,
            Wrong = wrong,
        });

    private static IResult SomebodyElses(OpenInvite invite, HttpContext context) => PageResults.Show<InviteOfOtherPage>(
        StatusCodes.Status403Forbidden,
        new { Path = context.Request.Path.ToUriComponent(), Organization = invite.OrganizationName, invite.Email, Own = context.Features.Get<Access>()!.Email });

    private static IResult MemberAlready(OpenInvite invite) => PageResults.Message(
        StatusCodes.Status200OK, "You are a member already", $"There is nothing left to accept: {invite.Email} belongs to {invite.OrganizationName}.");

    /// <summary>Who guesses learns nothing more.</summary>
    private static IResult NotThere() => PageResults.Message(
        StatusCodes.Status404NotFound, "This invite is of no use",
        "It was accepted already, taken back, or is too old, or the link is not complete. Whoever sent it can send another.");
}
