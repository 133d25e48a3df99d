using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Organizations;

/// <summary>An organization as the API shows it.</summary>
internal static class OrganizationJson
{
    /// <param name="isHidden">It is pending deletion.</param>
    public static void Write(StableJsonWriter json, Organization organization, bool isHidden = false)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(organization.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("slug"u8);
        json.Value(organization.Slug);
        json.Name("name"u8);
        json.Value(organization.Name);
        json.Name("status"u8);
        json.StartObject();
        json.Name("id"u8);
        json.Value(isHidden ? "pending_deletion" : "active");
        json.Name("name"u8);
        json.Value(isHidden ? "pending deletion" : "active");
        json.EndObject();
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(organization.CreatedAt));
        json.Name("isEarlyAdopter"u8);
        json.Value(false);
        json.Name("require2FA"u8);
        json.Value(false);
        json.Name("requireEmailVerification"u8);
        json.Value(false);
        json.Name("features"u8);
        json.StartArray();
        json.EndArray();
        json.EndObject();
    }
}
