using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Tracker.Seer;
using Vedette.Wire.Json;

namespace Vedette.Server.Seer;

/// <summary>A step of an agent's run, checked: <c>step</c>, <c>status</c>, and the members that its webhook carries (<c>spec/webhooks.md</c> 2.7). Others are passed over.</summary>
internal sealed record SeerStepForm(SeerStepName Step, SeerStepStatus Status, JsonMap Carried)
{
    private enum Shape
    {
        Number,
        Dictionary,
        List,
    }

    /// <returns>The form, or the answer that names the first wrong member.</returns>
    public static (SeerStepForm? Form, IResult? Refusal) Read(JsonMap body)
    {
        if (body.Text("step") is not { } stepName || StoredName.TryParse<SeerStepName>(stepName) is not { } step)
            return (null, ApiResults.Invalid("step", "Must be one of: root_cause, solution, coding, pr, iteration."));
        if (body.Text("status") is not { } statusName || StoredName.TryParse<SeerStepStatus>(statusName) is not { } status)
            return (null, ApiResults.Invalid("status", "Must be one of: started, completed, created."));
        if (!SeerStep.Exists(step, status))
            return (null, ApiResults.Invalid("status", $"There is no event seer.{SeerStep.ActionOf(step, status)}."));

        var carried = new JsonMap();
        foreach (var (name, shape, isRequired) in Members(step, status))
        {
            var value = body[name];
            if (value is null && isRequired)
                return (null, ApiResults.Invalid(name, "This field is required."));
            if (value is null)
                continue;

            var fits = shape switch
            {
                Shape.Number => value is double number && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue,
                Shape.Dictionary => value is JsonMap,
                Shape.List => value is List<object?>,
            };
            if (!fits)
                return (null, ApiResults.Invalid(name, $"Not a {shape.ToString().ToLowerInvariant()}."));
            carried[name] = value;
        }

        return (new SeerStepForm(step, status, carried), null);
    }

    private static IReadOnlyList<(string Name, Shape Shape, bool IsRequired)> Members(SeerStepName step, SeerStepStatus status) => status switch
    {
        SeerStepStatus.Started => step == SeerStepName.Iteration ? [("iteration_index", Shape.Number, true)] : [],
        SeerStepStatus.Created => [("pull_requests", Shape.List, true)],
        SeerStepStatus.Completed => step switch
        {
            SeerStepName.RootCause => [("root_cause", Shape.Dictionary, true)],
            SeerStepName.Solution => [("solution", Shape.Dictionary, true)],
            SeerStepName.Coding => [("changes", Shape.List, true)],
            SeerStepName.Iteration => [("iteration_index", Shape.Number, false), ("pull_requests", Shape.List, false), ("code_changes", Shape.List, false)],
            SeerStepName.Pr => [],
        },
    };
}
