using System.Globalization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Accounts;

internal static class AccountJson
{
    /// <summary>A person as they see themselves.</summary>
    public static void Write(StableJsonWriter json, Account account)
    {
        var id = account.Id.ToString(CultureInfo.InvariantCulture);
        json.StartObject();
        json.Name("id"u8);
        json.Value(id);
        json.Name("name"u8);
        json.Value(account.Name);
        json.Name("username"u8);
        json.Value(account.Email);
        json.Name("email"u8);
        json.Value(account.Email);
        json.Name("isActive"u8);
        json.Value(account.IsActive);
        json.Name("isSuperuser"u8);
        json.Value(account.IsSuperuser);
        json.Name("isStaff"u8);
        json.Value(account.IsSuperuser);
        json.Name("hasPasswordAuth"u8);
        json.Value(account.Kind == AccountKind.Person);
        json.Name("has2fa"u8);
        json.Value(false);
        json.Name("dateJoined"u8);
        json.Instant(UnixMicroseconds.ToInstant(account.CreatedAt));
        json.Name("emails"u8);
        json.StartArray();
        json.StartObject();
        json.Name("id"u8);
        json.Value(id);
        json.Name("email"u8);
        json.Value(account.Email);
        json.Name("is_verified"u8);
        json.Value(true);
        json.EndObject();
        json.EndArray();
        json.EndObject();
    }
}
