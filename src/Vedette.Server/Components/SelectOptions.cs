using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>What a select field offers.</summary>
/// <param name="Choices">Pairs of value and label, as the app gave them: a stranger's text.</param>
/// <param name="Default">A value; <c>null</c> for none.</param>
internal sealed record SelectChoices(List<object?> Choices, object? Default)
{
    public static SelectChoices None { get; } = new([], null);

    public void Write(StableJsonWriter json)
    {
        json.StartObject();
        json.Name("choices"u8);
        json.Value(Choices);
        if (Default is not null)
        {
            json.Name("defaultValue"u8);
            json.Value(Default);
        }

        json.EndObject();
    }
}

/// <summary>Asks apps for the options of their select fields (<c>spec/platform-api.md</c> 4.3).</summary>
internal sealed class SelectOptions(AppCaller caller)
{
    /// <param name="uri">The field's.</param>
    /// <param name="projectSlug"><c>null</c> when there is no one project.</param>
    /// <param name="query">What somebody has typed.</param>
    /// <param name="dependentData">A JSON object of the fields that it depends on.</param>
    /// <returns>The choices, or what the app did wrong.</returns>
    public async Task<(SelectChoices? Choices, AppFailure? Failure)> LoadAsync(
        InstalledApp app, string uri, string? projectSlug, string? query, string? dependentData, CancellationToken ct)
    {
        var url = ComponentUrl.Of(
            app.App.WebhookUrl,
            uri,
            ("installationId", app.Installation.Uuid),
            ("projectSlug", projectSlug),
            ("query", query),
            ("dependentData", dependentData));
        var answer = await caller.CallAsync(app, new AppCall(AppCall.OptionsRequested, HttpMethod.Get, url, []), AppCaller.Limit, ct);
        var slug = app.App.Slug;
        if (answer.IsFailure)
            return Failed(StatusCodes.Status500InternalServerError, $"Something went wrong while getting options for Select FormField from {slug}", answer.PublicReason);

        if (!answer.TryReadJson(out var value, out var wrong))
        {
            return Failed(
                StatusCodes.Status500InternalServerError, $"An issue occured during the integration platform process. Sentry error ID: {answer.RequestId}", wrong!);
        }

        return value is List<object?> options
            ? Read(options)
            : Failed(StatusCodes.Status400BadRequest, $"Invalid response format for Select FormField in {slug} from uri: {uri}", "the response is no JSON array");
    }

    private static (SelectChoices? Choices, AppFailure? Failure) Read(List<object?> options)
    {
        var choices = new List<object?>(options.Count);
        object? chosen = null;
        for (var i = 0; i < options.Count; i++)
        {
            if (options[i] is not JsonMap option || !option.Contains("value") || !option.Contains("label"))
            {
                return Failed(
                    StatusCodes.Status500InternalServerError, "Missing `value` or `label` in option data for Select FormField", $"option {i + 1} is no object with both");
            }

            if (option["value"] is JsonMap or List<object?> || option["label"] is JsonMap or List<object?>)
                return Failed(StatusCodes.Status400BadRequest, "Invalid `value` or `label` in option data for Select FormField", $"option {i + 1} has one that is no text and no number");

            choices.Add(new List<object?> { option["value"], option["label"] });
            if (option["default"] is not (null or false or "" or 0.0))
                chosen = option["value"];
        }

        return (new SelectChoices(choices, chosen), null);
    }

    private static (SelectChoices? Choices, AppFailure? Failure) Failed(int status, string detail, string reason) => (null, new AppFailure(status, detail, reason));
}
