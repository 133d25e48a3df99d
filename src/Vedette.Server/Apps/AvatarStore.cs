using Vedette.Server.Secrets;
using Vedette.Storage;

namespace Vedette.Server.Apps;

/// <summary>Pictures of apps, one of each kind.</summary>
internal sealed class AvatarStore(Database database)
{
    /// <param name="kind"><c>logo</c> or <c>icon</c>.</param>
    /// <param name="png">Checked before; <c>null</c> removes the picture.</param>
    public Task SetAsync(App app, string kind, byte[]? png, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync("delete from app_avatar where app_id = @Id and kind = @kind", new { app.Id, kind });
            if (png is not null)
            {
                await transaction.ExecuteAsync(
                    "insert into app_avatar (app_id, kind, uuid, png) values (@Id, @kind, @uuid, @png)",
                    new { app.Id, kind, uuid = RandomUuid.Create().ToString("N"), png });
            }
        }, ct);

    public Task<byte[]?> FindAsync(string uuid, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<byte[]>("select png from app_avatar where uuid = @uuid", new { uuid }), ct);

    /// <summary>Which pictures there are, by the app's id.</summary>
    public static async Task<ILookup<long, AppAvatar>> OfAsync(Session session, IReadOnlyList<long> apps) =>
        (apps.Count == 0
            ? []
            : await session.ListAsync<Row>($"select app_id, kind, uuid from app_avatar where app_id in ({string.Join(", ", apps)}) order by app_id, kind"))
        .ToLookup(row => row.AppId, row => new AppAvatar(row.Kind, row.Uuid));

    private sealed record Row
    {
        public long AppId { get; init; }

        public string Kind { get; init; } = "";

        public string Uuid { get; init; } = "";
    }
}
