using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>A component as a page can show it, or as it is, with why not.</summary>
internal sealed record PreparedComponent(InstalledApp App, Component Component, AppFailure? Failure);

/// <summary>
/// Fills in what only the app or the server knows (<c>spec/platform-api.md</c> 2.6): the address of a stack-trace link, the choices
/// of select fields, what text fields begin with. All or nothing: one field that cannot be filled stops the whole component.
/// </summary>
internal sealed class ComponentPreparation(SelectOptions options)
{
    /// <summary>Asks for all fields at once, and throws for nothing that the app does.</summary>
    /// <param name="component">Its schema is changed.</param>
    /// <param name="projectSlug"><c>null</c> when there is no one project.</param>
    /// <param name="texts">Of the issue that the forms are for; <c>null</c> when there is none yet.</param>
    public async Task<PreparedComponent> PrepareAsync(InstalledApp app, Component component, string? projectSlug, IssueTexts? texts, CancellationToken ct)
    {
        var schema = component.Schema;
        if (component.Type == "stacktrace-link")
        {
            var url = ComponentUrl.Of(app.App.WebhookUrl, schema.Text("uri")!, ("installationId", app.Installation.Uuid), ("projectSlug", projectSlug));
            schema["url"] = url?.AbsoluteUri;
            return new(app, component, url is null ? new AppFailure(StatusCodes.Status500InternalServerError, $"{app.App.Slug} has no webhook URL", "the app has no webhook URL") : null);
        }

        List<JsonMap> fields = [.. ComponentFields.Of(schema)];
        var loaded = await Task.WhenAll(fields.Select(field => LoadAsync(app, field, projectSlug, ct)));
        if (loaded.Select(each => each.Failure).FirstOrDefault(failure => failure is not null) is { } failed)
            return new(app, component, failed);

        foreach (var (field, choices) in fields.Zip(loaded.Select(each => each.Choices)))
            Fill(field, choices, texts);
        return new(app, component, null);
    }

    /// <returns>Neither for a field that is filled later or never.</returns>
    private async Task<(SelectChoices? Choices, AppFailure? Failure)> LoadAsync(InstalledApp app, JsonMap field, string? projectSlug, CancellationToken ct)
    {
        if (field.List("options") is { } own)
            return (new SelectChoices(own, null), null);
        if (field.Text("type") != "select" || field["skip_load_on_open"] is true)
            return (null, null);
        if (ComponentFields.DependsOn(field).Count > 0)
            return (SelectChoices.None, null);
        return await options.LoadAsync(app, field.Text("uri")!, projectSlug, null, null, ct);
    }

    private static void Fill(JsonMap field, SelectChoices? choices, IssueTexts? texts)
    {
        if (choices is not null)
            field["choices"] = choices.Choices;
        if (choices?.Default is { } chosen)
            field["defaultValue"] = chosen;
        if (texts is not null && field.Text("type") is "text" or "textarea" && field.Text("default") is { } named)
            field["defaultValue"] = named == "issue.title" ? texts.Title : texts.Description;
    }
}
