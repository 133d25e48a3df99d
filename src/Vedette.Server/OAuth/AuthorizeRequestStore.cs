using System.Security.Cryptography;
using Vedette.Server.Applications;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.OAuth;

/// <summary>
/// Questions that people have not answered yet. Each belongs to the login that was asked and to one page, whose form names
/// it: what is approved in one window is what was shown there.
/// </summary>
internal sealed class AuthorizeRequestStore(Database database, ApiApplicationStore applications, TimeProvider time)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(1);
    private const int MostOfLogin = 50;

    /// <param name="session">What the session's cookie holds.</param>
    /// <returns>What the form is to name; <c>null</c> when the session has ended meanwhile.</returns>
    public Task<string?> AddAsync(string session, AuthorizeRequest request, CancellationToken ct)
    {
        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var now = time.GetUtcNow();
        return database.WriteAsync(async transaction =>
        {
            if (await transaction.FirstAsync<long?>("select id from login_session where token_hash = @hash", new { hash = HolderStore.Hash(session) }) is not { } login)
                return null;

            await transaction.ExecuteAsync(
                """
                delete from authorize_request
                where login_session_id = @login and (expires_at <= @now or id not in (
                    select id from authorize_request where login_session_id = @login order by id desc limit @most))
                """,
                new { login, now = UnixMicroseconds.From(now), most = MostOfLogin - 1 });
            await transaction.ExecuteAsync(
                """
                insert into authorize_request (
                    token_hash, login_session_id, application_id, response_type, redirect_uri, return_uri, scopes, state, code_challenge, expires_at)
                values (@hash, @login, @application, @responseType, @RedirectUri, @ReturnUri, @scopes, @State, @CodeChallenge, @expires)
                """,
                new
                {
                    hash = HolderStore.Hash(token),
                    login,
                    application = request.Application.Id,
                    responseType = StoredName.Of(request.ResponseType),
                    request.RedirectUri,
                    request.ReturnUri,
                    scopes = string.Join(' ', request.Scopes),
                    request.State,
                    request.CodeChallenge,
                    expires = UnixMicroseconds.From(now + Lasts),
                });
            return token;
        }, ct);
    }

    /// <summary>Answered, it is no longer there: the first of two answers counts.</summary>
    /// <param name="token">What the form names; empty when it names nothing, which is enough while the login was asked one thing only.</param>
    /// <returns><c>null</c> when there is no such question, or it is not this login's.</returns>
    public async Task<AuthorizeRequest?> TakeAsync(string session, string token, CancellationToken ct)
    {
        var row = await database.WriteAsync(
            transaction => transaction.FirstAsync<Row>(
                """
                delete from authorize_request
                where login_session_id = (select id from login_session where token_hash = @session) and expires_at > @now
                    and (token_hash = @token or (@isUnnamed = 1 and 1 = (
                        select count(*) from authorize_request
                        where login_session_id = (select id from login_session where token_hash = @session) and expires_at > @now)))
                returning (select client_id from api_application a where a.id = application_id) as client_id, response_type, redirect_uri, return_uri,
                    scopes, state, code_challenge
                """,
                new
                {
                    session = HolderStore.Hash(session),
                    token = HolderStore.Hash(token),
                    isUnnamed = token.Length == 0 ? 1 : 0,
                    now = UnixMicroseconds.From(time.GetUtcNow()),
                }),
            ct);
        return row is not null && await applications.FindAsync(row.ClientId, ct) is { } application ? row.ToRequest(application) : null;
    }

    private sealed record Row
    {
        public string? ClientId { get; init; }

        public string ResponseType { get; init; } = "";

        public string RedirectUri { get; init; } = "";

        public string ReturnUri { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string? State { get; init; }

        public string? CodeChallenge { get; init; }

        public AuthorizeRequest ToRequest(ApiApplication application) => new()
        {
            Application = application,
            ResponseType = StoredName.Parse<ResponseType>(ResponseType),
            RedirectUri = RedirectUri,
            ReturnUri = ReturnUri,
            Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            State = State,
            CodeChallenge = CodeChallenge,
            ForcePrompt = true,
        };
    }
}
