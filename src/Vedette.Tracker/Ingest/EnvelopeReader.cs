using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Walks the bytes once; offsets in causes count from the first byte of the body.</summary>
internal sealed class EnvelopeReader(ReadOnlyMemory<byte> body)
{
    private int position;
    private int headerBytes;

    public Envelope? Read(out string? cause)
    {
        if (body.IsEmpty)
        {
            cause = "the body is empty";
            return null;
        }

        if (HeaderLine(out cause) is not { } header)
        {
            cause = $"envelope header: {cause}";
            return null;
        }

        var items = new List<EnvelopeItem>();
        while (SkipBlankLines())
        {
            var start = position;
            if (items.Count == Envelope.MaxItems)
                cause = $"more than {Envelope.MaxItems} items";
            else if (Item(out cause) is { } item)
                items.Add(item);

            if (cause is not null)
            {
                cause = $"item {items.Count + 1} at byte {start}: {cause}";
                return null;
            }
        }

        return new Envelope(header, items);
    }

    private EnvelopeItem? Item(out string? cause)
    {
        if (HeaderLine(out cause) is not { } header)
            return null;

        if (header.Text("type") is not { Length: > 0 } type)
        {
            cause = "the item header has no string \"type\"";
            return null;
        }

        var left = body.Length - position;
        switch (header["length"])
        {
            case null:
                return new EnvelopeItem(type, header, Line());

            case double length when length >= 0 && length <= left && Math.Floor(length) == length:
                var payload = body.Slice(position, (int)length);
                position += payload.Length;
                if (position < body.Length && body.Span[position++] != (byte)'\n')
                {
                    cause = $"byte {position - 1} follows {payload.Length} bytes of payload and is not a newline";
                    return null;
                }

                return new EnvelopeItem(type, header, payload);

            case double length when length > left:
                cause = $"\"length\" runs past the end of the body, {left} bytes are left";
                return null;

            default:
                cause = "\"length\" is not a whole number of bytes";
                return null;
        }
    }

    private JsonMap? HeaderLine(out string? cause)
    {
        var line = Line();
        headerBytes += line.Length;
        if (headerBytes > Envelope.MaxHeaderBytes)
        {
            cause = $"more than {Envelope.MaxHeaderBytes} bytes of headers";
            return null;
        }

        if (LenientJson.TryParse(line.Span, out var value, out cause) && value is not JsonMap)
            cause = "the line is not a JSON object";
        return cause is null ? (JsonMap)value! : null;
    }

    /// <summary>Up to the newline, which is consumed, or to the end of the body.</summary>
    private ReadOnlyMemory<byte> Line()
    {
        var rest = body[position..];
        var end = rest.Span.IndexOf((byte)'\n');
        position = end < 0 ? body.Length : position + end + 1;
        return end < 0 ? rest : rest[..end];
    }

    /// <returns><c>false</c> at the end of the body.</returns>
    private bool SkipBlankLines()
    {
        while (position < body.Length && body.Span[position] == (byte)'\n')
            position++;
        return position < body.Length;
    }
}
