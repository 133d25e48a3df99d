using System.Text;
using Vedette.Server.Secrets;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <param name="Schema">The element, as it was given.</param>
internal sealed record Component(long Id, string Uuid, string Type, JsonMap Schema);

/// <summary>The elements of apps' schemas, each a row.</summary>
internal sealed class ComponentStore(Database database)
{
    /// <summary>An element that stays as it was keeps its uuid.</summary>
    /// <param name="schema">Checked by <see cref="ComponentSchema"/>.</param>
    public static async Task ReplaceAsync(Transaction transaction, long appId, JsonMap schema)
    {
        var wanted = (schema.List("elements") ?? []).Cast<JsonMap>().ToDictionary(element => element.Text("type")!, Text, StringComparer.Ordinal);
        foreach (var row in await transaction.ListAsync<Row>("select id, uuid, type, schema from app_component where app_id = @appId order by id", new { appId }))
        {
            if (wanted.GetValueOrDefault(row.Type) == row.Schema)
                wanted.Remove(row.Type);
            else
                await transaction.ExecuteAsync("delete from app_component where id = @Id", new { row.Id });
        }

        await transaction.ExecuteEachAsync(
            "insert into app_component (app_id, uuid, type, schema) values (@AppId, @Uuid, @Type, @Schema)",
            [.. wanted.Select(element => new { AppId = appId, Uuid = RandomUuid.Create().ToString("D"), Type = element.Key, Schema = element.Value })]);
    }

    public Task<IReadOnlyList<Component>> OfAppAsync(long appId, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<Component>>(async session =>
        [
            .. (await session.ListAsync<Row>("select id, uuid, type, schema from app_component where app_id = @appId order by id", new { appId }))
                .Select(row => new Component(row.Id, row.Uuid, row.Type, Parse(row.Schema))),
        ], ct);

    public static string Text(JsonMap schema)
    {
        var json = new StableJsonWriter();
        json.Value(schema);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    public static JsonMap Parse(string schema) => LenientJson.TryParse(Encoding.UTF8.GetBytes(schema), out var value, out var error) && value is JsonMap map
        ? map
        : throw new InvalidOperationException($"a stored schema is no JSON object: {error}");

    private sealed record Row
    {
        public long Id { get; init; }

        public string Uuid { get; init; } = "";

        public string Type { get; init; } = "";

        public string Schema { get; init; } = "";
    }
}
