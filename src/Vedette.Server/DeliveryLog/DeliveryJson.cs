using System.Globalization;
using System.Text;
using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.DeliveryLog;

/// <summary>Deliveries, attempts and explanations as <c>docs/delivery-log.md</c> describes them. Numbers of things are texts.</summary>
internal static class DeliveryJson
{
    public static void WriteMembers(StableJsonWriter json, LoggedDelivery delivery, DateTimeOffset now)
    {
        var facts = delivery.Facts;
        json.Name("id"u8);
        Id(json, delivery.Id);
        json.Name("state"u8);
        json.Value(StoredName.Of(facts.State));
        json.Name("reason"u8);
        json.Value(delivery.Reason);
        json.Name("explanation"u8);
        json.StartObject();
        Members(json, Explanation.Of(facts, now));
        json.EndObject();
        json.Name("event"u8);
        Event(json, delivery);
        json.Name("destination"u8);
        WriteDestination(json, delivery.Destination);
        json.Name("idempotencyKey"u8);
        json.Value(delivery.IdempotencyKey);
        json.Name("replayOf"u8);
        Id(json, delivery.ReplayOf);
        json.Name("attemptCount"u8);
        json.Value((long)facts.Attempts);
        json.Name("dateCreated"u8);
        json.Instant(facts.CreatedAt);
        json.Name("dateDue"u8);
        json.Instant(facts.State == DeliveryState.Pending ? facts.DueAt : null);
        json.Name("dateFinished"u8);
        json.Instant(facts.FinishedAt);
    }

    public static void Write(StableJsonWriter json, DeliveryDetail detail, DateTimeOffset now)
    {
        json.StartObject();
        WriteMembers(json, detail.Delivery, now);
        json.Name("requestBody"u8);
        json.Value(Encoding.UTF8.GetString(detail.RequestBody));
        json.Name("attempts"u8);
        json.StartArray();
        foreach (var attempt in detail.Attempts)
        {
            json.StartObject();
            WriteMembers(json, attempt);
            json.EndObject();
        }

        json.EndArray();
        json.EndObject();
    }

    public static void Write(StableJsonWriter json, long eventId, long destinationId, PairExplanation explained)
    {
        json.StartObject();
        Members(json, explained.Explanation);
        json.Name("event"u8);
        Id(json, eventId);
        json.Name("destination"u8);
        Id(json, destinationId);
        json.Name("delivery"u8);
        Id(json, explained.DeliveryId);
        json.EndObject();
    }

    public static void WriteMembers(StableJsonWriter json, AttemptDetail attempt)
    {
        json.Name("id"u8);
        Id(json, attempt.Id);
        json.Name("number"u8);
        json.Value(attempt.Number);
        json.Name("date"u8);
        json.Instant(UnixMicroseconds.ToInstant(attempt.StartedAt));
        json.Name("durationMs"u8);
        json.Value(attempt.DurationUs / 1000.0);
        json.Name("outcome"u8);
        json.Value(attempt.Outcome);
        json.Name("reason"u8);
        json.Value(attempt.Reason);
        json.Name("statusCode"u8);
        if (attempt.StatusCode is { } status)
            json.Value(status);
        else
            json.Null();
        json.Name("url"u8);
        json.Value(attempt.Url);
        json.Name("requestId"u8);
        json.Value(attempt.RequestId);
        json.Name("requestHeaders"u8);
        HeaderJson.Write(json, attempt.RequestHeaders);
        json.Name("responseBody"u8);
        json.Value(attempt.ResponseBody is { } body ? Encoding.UTF8.GetString(body) : null);
        json.Name("errorId"u8);
        json.Value(attempt.ErrorId);
        json.Name("errorProject"u8);
        json.Value(attempt.ErrorProject);
    }

    public static void Id(StableJsonWriter json, long? id) => json.Value(id?.ToString(CultureInfo.InvariantCulture));

    private static void Members(StableJsonWriter json, Explanation explanation)
    {
        json.Name("code"u8);
        json.Value(StoredName.Of(explanation.Code));
        json.Name("text"u8);
        json.Value(explanation.Text);
    }

    private static void Event(StableJsonWriter json, LoggedDelivery delivery)
    {
        json.StartObject();
        json.Name("id"u8);
        Id(json, delivery.EventId);
        json.Name("name"u8);
        json.Value(delivery.Event);
        json.Name("project"u8);
        Id(json, delivery.ProjectId);
        json.Name("issue"u8);
        Id(json, delivery.IssueId);
        json.Name("subjectType"u8);
        json.Value(delivery.Subject?.Type);
        json.Name("subjectId"u8);
        json.Value(delivery.Subject?.Id);
        json.EndObject();
    }

    private static void WriteDestination(StableJsonWriter json, Destination destination)
    {
        json.StartObject();
        json.Name("id"u8);
        Id(json, destination.Id);
        json.Name("uuid"u8);
        json.Value(destination.PublicId);
        json.Name("kind"u8);
        json.Value(StoredName.Of(destination.Kind));
        json.Name("url"u8);
        json.Value(destination.Url);
        json.Name("state"u8);
        json.Value(StoredName.Of(destination.State));
        json.EndObject();
    }
}
