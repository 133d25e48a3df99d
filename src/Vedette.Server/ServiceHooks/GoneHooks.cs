using Vedette.Server.Mail;
using Vedette.Storage;
using Vedette.Tracker;

namespace Vedette.Server.ServiceHooks;

/// <summary>What the server does when the receiver of a service hook asks not to be called again, in the engine's own transaction.</summary>
internal sealed class GoneHooks(MailOutbox outbox, Links links)
{
    /// <summary>A mail to the owners of its organization. For a destination that is no service hook nothing is done.</summary>
    public async Task MailAsync(Transaction transaction, long destinationId)
    {
        var hook = await transaction.FirstAsync<Row>(
            """
            select h.guid, d.url, d.organization_id, o.slug as organization_slug, p.slug as project_slug
            from service_hook h
            join destination d on d.id = h.destination_id
            join project p on p.id = h.project_id
            join organization o on o.id = p.organization_id
            where h.destination_id = @destinationId
            """,
            new { destinationId });
        if (hook is not null)
            await outbox.AddToOwnersAsync(transaction, hook.OrganizationId, $"A service hook of {hook.ProjectSlug} is called no more", Text(hook));
    }

    private string Text(Row hook) => $$"""
        The receiver of a service hook of the project {{hook.ProjectSlug}} answered with 410 Gone: it asks not to be called again. So it is called no more.

        It is {{hook.Url}}
        Events that were waiting for it are not sent. They are kept, and can be replayed.

        If it should be called again, save its URL or switch it on: PUT {{links.BaseUrl}}/api/0/projects/{{hook.OrganizationSlug}}/{{hook.ProjectSlug}}/hooks/{{hook.Guid}}/ with {"isActive": true}
        """;

    private sealed record Row
    {
        public string Guid { get; init; } = "";

        public string Url { get; init; } = "";

        public long OrganizationId { get; init; }

        public string OrganizationSlug { get; init; } = "";

        public string ProjectSlug { get; init; } = "";
    }
}
