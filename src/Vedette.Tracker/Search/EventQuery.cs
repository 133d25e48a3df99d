using System.Diagnostics.CodeAnalysis;
using Vedette.Storage;
using Vedette.Tracker.Ingest;

namespace Vedette.Tracker.Search;

/// <summary>Which events of an issue, or else of a project, are meant.</summary>
public sealed record EventQuery
{
    private const string Searchable = "id, level, environment, release, platform, event.type, title, message, user and user.id";

    public long? IssueId { get; init; }

    public long? ProjectId { get; init; }

    /// <summary>Empty for all.</summary>
    public IReadOnlyList<string> Environments { get; init; } = [];

    public DateTimeOffset? From { get; init; }

    /// <summary>No longer meant.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>All of them must hold.</summary>
    public IReadOnlyList<SearchTerm> Terms { get; init; } = [];

    /// <summary>Of an event only its columns can be searched. Its other tags are counted for its issue, and not kept beside it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<SearchTerm>? terms, [NotNullWhen(false)] out SearchError? error)
    {
        if (!SearchParser.TryParse(text, out terms, out error))
            return false;
        if (terms.OfType<FieldTerm>().FirstOrDefault(term => Column(term) is null) is not { } other)
            return true;

        (terms, error) = (null, new SearchError(other.Position, $"of events only these can be searched: {Searchable}"));
        return false;
    }

    /// <summary>Conditions on the row <c>event e</c>.</summary>
    internal string Sql(SqlArguments arguments)
    {
        var conditions = new List<string>();
        if (IssueId is { } issueId)
            conditions.Add($"e.issue_id = {arguments.Add(issueId)}");
        if (ProjectId is { } projectId)
            conditions.Add($"e.project_id = {arguments.Add(projectId)}");
        if (Environments.Count > 0)
            conditions.Add($"coalesce(e.environment, '') in {arguments.AddList(Environments)}");
        if (From is { } from)
            conditions.Add($"e.occurred_at >= {arguments.Add(UnixMicroseconds.From(from))}");
        if (Until is { } until)
            conditions.Add($"e.occurred_at < {arguments.Add(UnixMicroseconds.From(until))}");
        foreach (var term in Terms)
            conditions.Add(Sql(arguments, term));
        return string.Join(" and ", conditions);
    }

    private static string Sql(SqlArguments arguments, SearchTerm term)
    {
        if (term is not FieldTerm field)
            return Holds(arguments, "e.title || ' ' || e.message", ((WordTerm)term).Text);

        var condition = field.Name switch
        {
            "message" => string.Join(" or ", field.AnyOf.Select(text => Holds(arguments, "e.title || ' ' || e.message", text))),
            "id" => SearchSql.Matches(arguments, "e.event_id", [.. field.AnyOf.Select(text => EventId.TryParse(text.Text, out var id) ? SearchText.Of(id) : text)]),
            "user.id" => SearchSql.Matches(arguments, Column(field)!, [.. field.AnyOf.Select(text => text.After("id:"))]),
            _ => SearchSql.Matches(arguments, Column(field)!, field.AnyOf),
        };
        return $"{(field.IsNegated ? "not " : "")}({condition})";
    }

    private static string Holds(SqlArguments arguments, string value, SearchText text) =>
        $@"lower({value}) like lower({arguments.Add($"%{text.Pattern}%")}) escape '\'";

    /// <returns><c>null</c> when a term is about something else.</returns>
    private static string? Column(FieldTerm term) => term.Name switch
    {
        "id" => "e.event_id",
        "level" => "e.level",
        "environment" => "coalesce(e.environment, '')",
        "release" => "coalesce(e.release, '')",
        "platform" => "e.platform",
        "event.type" => "e.type",
        "title" => "e.title",
        "message" => "e.message",
        "user" or "user.id" => "coalesce(e.user_tag, '')",
        _ => null,
    };
}
