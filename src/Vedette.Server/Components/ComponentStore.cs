using System.Text;
using Vedette.Server.Secrets;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <param name="Schema">The element, as it was given.</param>
internal sealed record Component(long Id, string Uuid, string Type, JsonMap Schema);

/// <summary>A component of an app that an organization has installed.</summary>
internal sealed record InstalledComponent(Component Component, long AppId, string InstallationUuid);

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
                .Select(row => row.ToComponent()),
        ], ct);

    /// <summary>Of the apps that have confirmed their installation there, oldest first.</summary>
    /// <param name="type"><c>null</c> for all.</param>
    public Task<IReadOnlyList<InstalledComponent>> InOrganizationAsync(long organizationId, string? type, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<InstalledComponent>>(async session =>
        [
            .. (await session.ListAsync<Row>(
                $"""
                select c.id, c.uuid, c.type, c.schema, a.id as app_id, i.uuid as installation_uuid
                from app_installation i
                join app a on a.id = i.app_id and a.deleted_at is null
                join app_component c on c.app_id = a.id
                where i.organization_id = @organizationId and i.status = 'installed' {(type is null ? "" : "and c.type = @type")}
                order by c.id
                """,
                new { organizationId, type = type ?? "" })).Select(row => new InstalledComponent(row.ToComponent(), row.AppId, row.InstallationUuid)),
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

        public long AppId { get; init; }

        public string InstallationUuid { get; init; } = "";

        public Component ToComponent() => new(Id, Uuid, Type, Parse(Schema));
    }
}
