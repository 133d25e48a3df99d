using Vedette.Server.Authorization;
using Vedette.Server.Web;
using Vedette.Storage;

namespace Vedette.Server.Accounts;

/// <summary>One's own account. Its pages stand in the menu of <see cref="AccountSettings"/>.</summary>
internal static class AccountPages
{
    public const string Account = "/settings/account/";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAccountPages() => routes.MapGet(Account, ShowAsync).PageAfterLogin();
    }

    private static async Task<IResult> ShowAsync(Access access, AccountStore accounts, CancellationToken ct) =>
        await accounts.FindAsync(access.AccountId, ct) is { } account
            ? PageResults.Show<AccountPage>(StatusCodes.Status200OK, new { account.Name, account.Email, Since = UnixMicroseconds.ToInstant(account.CreatedAt) })
            : PageResults.ToLogin();
}
