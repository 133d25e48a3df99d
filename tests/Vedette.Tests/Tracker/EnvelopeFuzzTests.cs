using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Vedette.Tracker.Ingest;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EnvelopeFuzzTests
{
    private static readonly byte[] Sample = Encoding.UTF8.GetBytes(
        "{\"event_id\":\"4c79f60c11214eb38604f4ae0781bfb2\"}\n{\"type\":\"event\"}\n{\"message\":\"a\"}\n"
        + "{\"type\":\"attachment\",\"length\":10,\"filename\":\"x\"}\n0123\n56789\n{\"type\":\"session\",\"length\":2}\n{}\n");

    [Fact]
    public void Random_bytes_give_an_envelope_or_a_fault_and_never_throw() =>
        Prop.ForAll<byte[]>(body => AnswersOnce(body)).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Mutated_envelopes_give_an_envelope_or_a_fault_and_never_throw()
    {
        var outcomes = new HashSet<bool>();
        var mutations = ArbMap.Default.ArbFor<(int At, byte Value, int Kind)[]>();

        Prop.ForAll(mutations, changes =>
        {
            var body = Sample.ToList();
            foreach (var (at, value, kind) in changes.Take(3))
            {
                var index = (at & int.MaxValue) % body.Count;
                switch ((kind & int.MaxValue) % 4)
                {
                    case 0: body[index] = value; break;
                    case 1: body.RemoveAt(index); break;
                    case 2: body.Insert(index, (byte)'\n'); break;
                    default: body.RemoveRange(index, (body.Count - index) / 2); break;
                }
            }

            outcomes.Add(Envelope.TryParse(body.ToArray(), out _, out _));
            return AnswersOnce([.. body]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

        Assert.Equal(2, outcomes.Count);
    }

    [Fact]
    public void What_was_framed_comes_back()
    {
        var payloads = ArbMap.Default.ArbFor<byte[][]>();

        Prop.ForAll(payloads, given =>
        {
            var body = new List<byte>("{}\n"u8.ToArray());
            foreach (var payload in given)
            {
                body.AddRange(Encoding.UTF8.GetBytes($"{{\"type\":\"blob\",\"length\":{payload.Length}}}\n"));
                body.AddRange(payload);
                body.Add((byte)'\n');
            }

            return Envelope.TryParse(body.ToArray(), out var envelope, out _)
                && envelope.Items.Count == given.Length
                && envelope.Items.Zip(given).All(pair => pair.First.Payload.Span.SequenceEqual(pair.Second));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private static bool AnswersOnce(byte[] body)
    {
        var parsed = Envelope.TryParse(body, out var envelope, out var fault);
        return parsed == envelope is not null && parsed == fault is null && (fault is null || fault.Causes.Count > 0);
    }
}
