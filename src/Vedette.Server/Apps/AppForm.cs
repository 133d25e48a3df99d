using Vedette.Engine.Subscriptions;
using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>Who asks for an app to be made or changed.</summary>
/// <param name="Held">What they may do in its organization; an app cannot be given more.</param>
/// <param name="HasErrorEvents">Apps may subscribe to <c>error</c> here.</param>
internal sealed record AppRequester(IReadOnlyList<string> Held, bool IsSuperuser, bool HasErrorEvents);

/// <summary>
/// An app as a request wants it, checked (<c>spec/platform-api.md</c> 1.4 and 1.7). What the request does not name is as
/// it was, or has its default.
/// </summary>
internal sealed record AppForm
{
    public required bool IsInternal { get; init; }

    public required string Name { get; init; }

    /// <summary>Empty in a new internal app: its organization's name stands for it.</summary>
    public required string Author { get; init; }

    /// <summary>Expanded.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Single events, sorted.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public required string? WebhookUrl { get; init; }

    public required IReadOnlyList<string> WebhookHeaders { get; init; }

    public required string? RedirectUrl { get; init; }

    public required string? Overview { get; init; }

    public required bool IsAlertable { get; init; }

    public required bool VerifyInstall { get; init; }

    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <inheritdoc cref="App.Schema"/>
    public required JsonMap Schema { get; init; }

    public required int Popularity { get; init; }

    public required IReadOnlyList<int> Features { get; init; }

    public required AppDelivery Delivery { get; init; }

    public required AppStatus Status { get; init; }

    public required bool IsDisabled { get; init; }

    /// <summary>The request says where webhooks go, be it where they went before: a receiver that was gone is called again.</summary>
    public bool NamesUrl { get; init; }

    /// <summary>The request says <c>isDisabled: false</c>, be it that it was so: a receiver that was gone is called again.</summary>
    public bool Enables { get; init; }

    /// <summary>What is held is sent when the app is enabled; <c>false</c> drops it for good.</summary>
    public bool ReleaseHeld { get; init; } = true;

    public static AppForm New(bool isInternal) => new()
    {
        IsInternal = isInternal,
        Name = "",
        Author = "",
        Scopes = [],
        Events = [],
        WebhookUrl = null,
        WebhookHeaders = [],
        RedirectUrl = null,
        Overview = null,
        IsAlertable = false,
        VerifyInstall = !isInternal,
        AllowedOrigins = [],
        Schema = new JsonMap(),
        Popularity = 1,
        Features = [0],
        Delivery = AppDelivery.Default,
        Status = isInternal ? AppStatus.Internal : AppStatus.Unpublished,
        IsDisabled = false,
    };

    public static AppForm Of(App app) => new()
    {
        IsInternal = app.IsInternal,
        Name = app.Name,
        Author = app.Author,
        Scopes = app.Scopes,
        Events = app.Events,
        WebhookUrl = app.WebhookUrl,
        WebhookHeaders = app.WebhookHeaders,
        RedirectUrl = app.RedirectUrl,
        Overview = app.Overview,
        IsAlertable = app.IsAlertable,
        VerifyInstall = app.VerifyInstall,
        AllowedOrigins = app.AllowedOrigins,
        Schema = app.Schema,
        Popularity = app.Popularity,
        Features = app.Features,
        Delivery = app.Delivery,
        Status = app.Status,
        IsDisabled = app.IsDisabled,
    };

    /// <summary>Reads a new app.</summary>
    /// <returns>The form, or the answer that names the first wrong field.</returns>
    public static (AppForm? Form, IResult? Refusal) Read(JsonMap body, AppRequester requester)
    {
        if (AppRules.MissingFeature(body, requester) is { } missing)
            return (null, missing);
        if (AppRules.WrongType(body) is { } wrongType)
            return (null, wrongType);
        if (!body.Contains("name"))
            return (null, ApiResults.Invalid("name", "This field is required."));
        return New(body["isInternal"] is true).With(body, requester, isNew: true);
    }

    /// <summary>Reads a change of this app.</summary>
    /// <inheritdoc cref="Read(JsonMap, AppRequester)" path="/returns"/>
    public (AppForm? Form, IResult? Refusal) Change(JsonMap body, AppRequester requester)
    {
        if (AppRules.MissingFeature(body, requester) is { } missing)
            return (null, missing);
        if (AppRules.WrongType(body) is { } wrongType)
            return (null, wrongType);
        if (IsInternal && body["verifyInstall"] is true)
            return (null, ApiResults.Detail(StatusCodes.Status400BadRequest, "Internal integrations cannot have verify_install=True."));
        if (Status == AppStatus.Published && !requester.IsSuperuser && body.List("features") is not null)
            return (null, ApiResults.Detail(StatusCodes.Status400BadRequest, "Cannot update features on a published integration."));
        if (Status == AppStatus.Published && body.List("scopes") is not null
            && !Authorization.Scopes.Expand(AppRules.Texts(body, "scopes")).SequenceEqual(Scopes, StringComparer.Ordinal))
        {
            return (null, ApiResults.Detail(StatusCodes.Status400BadRequest, "Cannot update permissions on a published integration."));
        }

        return With(body, requester, isNew: false);
    }

    private (AppForm? Form, IResult? Refusal) With(JsonMap body, AppRequester requester, bool isNew)
    {
        if (body.Contains("name") && AppRules.WrongName(body["name"]) is { } wrongName)
            return (null, ApiResults.Invalid("name", wrongName));

        var form = this with
        {
            Name = body.Text("name") ?? Name,
            Author = body.Contains("author") ? body.Text("author") ?? "" : Author,
            Scopes = body.List("scopes") is null ? Scopes : Authorization.Scopes.Expand(AppRules.Texts(body, "scopes")),
            WebhookUrl = body.Contains("webhookUrl") ? AppRules.EmptyIsNull(body.Text("webhookUrl")) : WebhookUrl,
            WebhookHeaders = body.List("webhookHeaders") is null ? WebhookHeaders : AppRules.Texts(body, "webhookHeaders"),
            RedirectUrl = body.Contains("redirectUrl") ? AppRules.EmptyIsNull(body.Text("redirectUrl")) : RedirectUrl,
            Overview = body.Contains("overview") ? AppRules.EmptyIsNull(body.Text("overview")) : Overview,
            IsAlertable = body["isAlertable"] as bool? ?? IsAlertable,
            VerifyInstall = !IsInternal && (body["verifyInstall"] as bool? ?? VerifyInstall),
            AllowedOrigins = body.List("allowedOrigins") is null ? AllowedOrigins : AppRules.Texts(body, "allowedOrigins"),
            Schema = body.Contains("schema") ? body.Map("schema") ?? new JsonMap() : Schema,
            Popularity = requester.IsSuperuser && body["popularity"] is double popularity ? (int)popularity : Popularity,
            Features = !isNew && body.List("features") is { } features ? [.. features.OfType<double>().Select(id => (int)id).Distinct().Order()] : Features,
            IsDisabled = body["isDisabled"] as bool? ?? IsDisabled,
            NamesUrl = body.Contains("webhookUrl"),
            Enables = body["isDisabled"] is false,
            ReleaseHeld = body.Text("heldDeliveries") != "drop",
        };

        if (AppRules.WrongScopes(AppRules.Texts(body, "scopes"), has: Scopes, requester.Held) is { } wrongScopes)
            return (null, wrongScopes);
        if (form.ReadEvents(body, isNew, out form) is { } wrongEvents)
            return (null, wrongEvents);
        if (form.ReadStatus(body, requester, out form) is { } wrongStatus)
            return (null, wrongStatus);
        if (AppRules.WrongDelivery(body["delivery"], form.Delivery, out var delivery) is { } wrongDelivery)
            return (null, ApiResults.Invalid("delivery", wrongDelivery));
        if (AppRules.WrongText(body) is { } wrongText)
            return (null, wrongText);
        return form.WhatDoesNotFit() is { } misfit ? (null, misfit) : (form with { Delivery = delivery }, null);
    }

    /// <summary>A request that leaves the scopes as they are gets the error in another form (<c>spec/platform-api.md</c> 1.7).</summary>
    private IResult? ReadEvents(JsonMap body, bool isNew, out AppForm read)
    {
        read = this;
        if (body.List("events") is null)
            return null;
        if (!EventCatalogue.TryExpand(AppRules.Texts(body, "events"), out var events, out var unknown))
            return ApiResults.Invalid("events", $"Invalid event subscription: {string.Join(", ", unknown)}");
        if (AppRules.WhatLacksItsScope(events, Scopes) is { } lacking)
            return isNew || body.List("scopes") is not null ? ApiResults.Invalid("events", lacking) : ApiResults.Detail(StatusCodes.Status400BadRequest, lacking);

        read = this with { Events = events };
        return null;
    }

    /// <summary>Who may not publish is not told so: the wish is ignored, as Sentry ignores it.</summary>
    private IResult? ReadStatus(JsonMap body, AppRequester requester, out AppForm read)
    {
        read = this;
        if (body["status"] is not string wanted)
            return null;

        if (StoredName.TryParse<AppStatus>(wanted) is not { } status)
            return ApiResults.Invalid("status", $"\"{wanted}\" is not a valid choice.");

        var mayHaveIt = status switch
        {
            AppStatus.Published or AppStatus.Unpublished => requester.IsSuperuser && !IsInternal,
            AppStatus.PublishRequestInprogress => Status == AppStatus.Unpublished,
            AppStatus.Internal or AppStatus.DeletionInProgress => false,
        };
        if (mayHaveIt)
            read = this with { Status = status };
        return null;
    }

    /// <summary>What one field asks of another.</summary>
    private IResult? WhatDoesNotFit() => this switch
    {
        { IsInternal: false, Author: "" } => ApiResults.Invalid("author", "author required for public integrations"),
        { IsInternal: false, WebhookUrl: null } => ApiResults.Invalid("webhookUrl", "webhookUrl required for public integrations"),
        { WebhookUrl: null, Events.Count: > 0 } => ApiResults.Invalid("webhookUrl", "webhookUrl required if webhook events are enabled"),
        { WebhookUrl: null, IsAlertable: true } => ApiResults.Invalid("webhookUrl", "webhookUrl required if alert rule action is enabled"),
        _ => null,
    };
}
