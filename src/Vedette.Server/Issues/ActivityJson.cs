using System.Globalization;
using System.Text;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>Activities, and the people in them, as Sentry's API shows them (<c>spec/domain.md</c> 3.3).</summary>
internal static class ActivityJson
{
    /// <param name="by">Whose activity it is; <c>null</c> for nobody, or somebody who is gone.</param>
    public static void Write(StableJsonWriter json, Activity activity, IssuePerson? by)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(activity.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("user"u8);
        WritePerson(json, by);
        json.Name("sentry_app"u8);
        WriteApp(json, by);
        json.Name("type"u8);
        json.Value(activity.Type);
        json.Name("data"u8);
        json.Raw(Encoding.UTF8.GetBytes(activity.Data));
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(activity.CreatedAt));
        json.EndObject();
    }

    /// <summary>The issue's activities, newest first, and at their end the synthetic one that it began with.</summary>
    public static void WriteAll(StableJsonWriter json, Issue issue, IReadOnlyList<Activity> activities, IReadOnlyDictionary<long, IssuePerson> people)
    {
        json.StartArray();
        foreach (var activity in activities)
            Write(json, activity, By(activity, people));
        Write(json, new Activity { Type = "first_seen", Data = $$"""{"priority":"{{issue.Priority}}"}""", CreatedAt = issue.FirstSeen }, null);
        json.EndArray();
    }

    public static IssuePerson? By(Activity activity, IReadOnlyDictionary<long, IssuePerson> people) =>
        activity.UserId is { } id ? people.GetValueOrDefault(id) : null;

    /// <param name="seenAt">Writes when they last looked, too.</param>
    public static void WritePerson(StableJsonWriter json, IssuePerson? person, bool seenAt = false)
    {
        if (person is null)
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("id"u8);
        json.Value(person.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("name"u8);
        json.Value(person.Name);
        json.Name("username"u8);
        json.Value(person.Email);
        json.Name("email"u8);
        json.Value(person.Email);
        if (seenAt)
        {
            json.Name("lastSeen"u8);
            json.Instant(UnixMicroseconds.ToInstant(person.At));
        }

        json.EndObject();
    }

    private static void WriteApp(StableJsonWriter json, IssuePerson? by)
    {
        if (by?.AppSlug is null)
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("uuid"u8);
        json.Value(by.AppUuid);
        json.Name("slug"u8);
        json.Value(by.AppSlug);
        json.Name("name"u8);
        json.Value(by.AppName);
        json.EndObject();
    }
}
