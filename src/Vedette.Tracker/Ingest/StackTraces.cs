using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

internal static class StackTraces
{
    private static readonly MemberShape Frame = new(
        ("filename", MemberKind.Text),
        ("abs_path", MemberKind.Text),
        ("module", MemberKind.Text),
        ("function", MemberKind.Text),
        ("platform", MemberKind.Text),
        ("package", MemberKind.Text),
        ("context_line", MemberKind.Text),
        ("instruction_addr", MemberKind.Scalar),
        ("lineno", MemberKind.Number),
        ("colno", MemberKind.Number),
        ("in_app", MemberKind.Truth),
        ("pre_context", MemberKind.List),
        ("post_context", MemberKind.List),
        ("vars", MemberKind.Map));

    /// <summary>At most <see cref="EventLimits.Frames"/> frames, every one of them an object. <c>null</c> when there is no frame.</summary>
    public static JsonMap? Read(object? given, string path, EventErrors errors)
    {
        if (given is null)
            return null;

        if (given is not JsonMap map || map["frames"] is not List<object?> list)
        {
            if (given is not JsonMap empty || empty["frames"] is not null)
                errors.InvalidData(path);
            return null;
        }

        var frames = EventLimits.WithoutMiddle(ValueLists.Maps(list, $"{path}.frames", errors), EventLimits.Frames);
        if (frames.Count == 0)
            return null;

        var framePath = $"{path}.frames";
        var stored = new JsonMap { ["frames"] = frames.ConvertAll(frame => (object?)Frame.Fit(frame, framePath, errors)) };
        foreach (var (name, value) in map.Members)
        {
            if (name != "frames")
                stored[name] = value;
        }

        return stored;
    }
}
