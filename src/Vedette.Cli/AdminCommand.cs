using System.CommandLine;
using Vedette.Server;

namespace Vedette.Cli;

internal static class AdminCommand
{
    public static Command Create(IReadOnlyDictionary<string, string> environment)
    {
        var admin = new VedetteAdmin(environment, Console.Out, Console.Error);
        return new Command("admin", "Work on the database directly, with the configuration that the server has. The server may run meanwhile.")
        {
            new Command("org", "Organizations.") { AddOrganization(admin) },
            new Command("user", "People.") { AddUser(admin), SetSuperuser(admin) },
            new Command("project", "Projects.") { AddProject(admin) },
            new Command("token", "Tokens of people.") { CreateToken(admin) },
            new Command("app", "Integrations.") { PublishApp(admin) },
        };
    }

    private static Command AddOrganization(VedetteAdmin admin)
    {
        var slug = Required("--slug", "Its name in addresses.");
        var name = new Option<string?>("--name") { Description = "Its name for people [the slug]." };
        var command = new Command("add", "Make an organization.") { slug, name };
        command.SetAction((parsed, ct) => admin.AddOrganizationAsync(parsed.GetRequiredValue(slug), parsed.GetValue(name), ct));
        return command;
    }

    private static Command AddUser(VedetteAdmin admin)
    {
        var email = Required("--email", "An account is made when there is none with this address.");
        var organization = Required("--org", "Slug of the organization that they join.");
        var role = Required("--role", "What they may do there.");
        role.AcceptOnlyFromAmong([.. VedetteAdmin.Roles]);
        var password = new Option<string?>("--password") { Description = "Of the new account [made up and printed]." };
        var name = new Option<string?>("--name") { Description = "Of the new account [the address]." };
        var command = new Command("add", "Make somebody a member of an organization.") { email, organization, role, password, name };
        command.SetAction((parsed, ct) => admin.AddUserAsync(
            parsed.GetRequiredValue(email), parsed.GetValue(name), parsed.GetValue(password), parsed.GetRequiredValue(organization), parsed.GetRequiredValue(role), ct));
        return command;
    }

    private static Command SetSuperuser(VedetteAdmin admin)
    {
        var email = Required("--email", "Who.");
        var revoke = new Option<bool>("--revoke") { Description = "Take the role instead." };
        var command = new Command("superuser", "Let somebody do everything an owner may, in every organization.") { email, revoke };
        command.SetAction((parsed, ct) => admin.SetSuperuserAsync(parsed.GetRequiredValue(email), !parsed.GetValue(revoke), ct));
        return command;
    }

    private static Command PublishApp(VedetteAdmin admin)
    {
        var slug = new Argument<string>("SLUG") { Description = "Of the app." };
        var command = new Command("publish", "Let every organization install a public integration.") { slug };
        command.SetAction((parsed, ct) => admin.PublishAppAsync(parsed.GetRequiredValue(slug), ct));
        return command;
    }

    private static Command AddProject(VedetteAdmin admin)
    {
        var organization = Required("--org", "Slug of its organization.");
        var slug = Required("--slug", "Its name in addresses.");
        var name = new Option<string?>("--name") { Description = "Its name for people [the slug]." };
        var platform = new Option<string?>("--platform") { Description = "Its language or framework, as its SDK calls it [none]." };
        var command = new Command("add", "Make a project, and print its DSN.") { organization, slug, name, platform };
        command.SetAction((parsed, ct) => admin.AddProjectAsync(
            parsed.GetRequiredValue(organization), parsed.GetRequiredValue(slug), parsed.GetValue(name), parsed.GetValue(platform), ct));
        return command;
    }

    private static Command CreateToken(VedetteAdmin admin)
    {
        var email = Required("--email", "Whose token it is. It can do no more than they can.");
        var scopes = new Option<string[]>("--scope")
        {
            Description = $"What it may be used for; once for each, or several after one another: {string.Join(", ", VedetteAdmin.AllScopes)}.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var name = new Option<string>("--name") { Description = "What it is called in lists.", DefaultValueFactory = _ => "vedette admin" };
        var command = new Command("create", "Make a token, and print it. It cannot be read again.") { email, scopes, name };
        command.SetAction((parsed, ct) => admin.CreateTokenAsync(parsed.GetRequiredValue(email), parsed.GetRequiredValue(name), parsed.GetRequiredValue(scopes), ct));
        return command;
    }

    private static Option<string> Required(string name, string description) => new(name) { Description = description, Required = true };
}
