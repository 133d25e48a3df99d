using System.Security.Cryptography;
using Vedette.Storage;

namespace Vedette.Server.Secrets;

/// <summary>
/// Finds a wrong <c>VEDETTE_SECRET</c> at start, before the keys are read: Data Protection would quietly make a new key
/// instead, and every stored secret would be lost to it.
/// </summary>
internal sealed class SecretCheck(Database database, SecretBox box, IServiceProvider services)
{
    private const string Known = "vedette";

    /// <summary>Also makes the first key, with other nodes kept out, so that they do not make one each.</summary>
    /// <returns>One line that says why the server cannot start; <c>null</c> when it can.</returns>
    public async Task<string?> RunAsync(CancellationToken ct)
    {
        string? refusal = null;
        await database.StartupAsync(async transaction =>
        {
            var wrap = services.GetService<KeyWrap>();
            var wrapped = await transaction.FirstAsync<string>("select wrapped from secret_check");
            refusal = wrapped is null ? null : Refusal(wrap, wrapped);
            if (refusal is not null)
                return;

            if (wrapped is null && wrap is not null)
                await transaction.ExecuteAsync("insert into secret_check (wrapped) values (@wrapped)", new { wrapped = wrap.Wrap(Known) });
            box.Open(box.Seal(Known));
        }, ct);
        return refusal;
    }

    private static string? Refusal(KeyWrap? wrap, string wrapped)
    {
        if (wrap is null)
            return "VEDETTE_SECRET is not set, but it was when the keys were made: set it to the same value";

        try
        {
            wrap.Unwrap(wrapped);
            return null;
        }
        catch (CryptographicException)
        {
            return "VEDETTE_SECRET is not the value that the keys were wrapped with: set it to the same value";
        }
    }
}
