using System.Globalization;
using Vedette.Server.Accounts;
using Vedette.Server.Api;
using Vedette.Tracker;

namespace Vedette.Server.Sessions;

internal enum LoginVerdict
{
    LoggedIn,

    /// <summary>The password is wrong, or there is no such account, or nobody may log in to it.</summary>
    Wrong,

    /// <summary>Too many failed of this account or from this address. The password was not looked at, and the answer says when to come again.</summary>
    TooOften,
}

/// <summary>The one way from a password to a session, for browsers and for the API.</summary>
internal sealed class PasswordLogin(AccountStore accounts, SessionStore sessions, FailedLogins failures, Links links)
{
    /// <summary>Begins a session of the browser that asks, and ends the one that it had. Good logins are never counted.</summary>
    /// <returns>The account only with <see cref="LoginVerdict.LoggedIn"/>.</returns>
    public async Task<(LoginVerdict Verdict, Account? Account)> TryAsync(HttpContext context, string email, string password, CancellationToken ct)
    {
        var address = ClientAddress.Of(context);
        if (failures.WaitFor(email, address) is { } wait)
        {
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            return (LoginVerdict.TooOften, null);
        }

        if (await accounts.ByPasswordAsync(email, password, ct) is not { } account)
        {
            failures.Add(email, address);
            return (LoginVerdict.Wrong, null);
        }

        await BeginAsync(context, account.Id, ct);
        return (LoginVerdict.LoggedIn, account);
    }

    /// <summary>For who proved in another way that the account is theirs.</summary>
    public async Task BeginAsync(HttpContext context, long accountId, CancellationToken ct)
    {
        SessionCookies.Write(context, await sessions.BeginAsync(accountId, ct), SessionStore.Lasts, links.IsSecure);
        if (SessionCookies.Read(context.Request) is { } before)
            await sessions.EndAsync(before, ct);
    }
}
