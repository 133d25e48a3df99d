using System.Globalization;
using System.Text;
using Vedette.Server.Configuration;

namespace Vedette.Server.Mail;

/// <summary>A mail as it is sent (RFC 5322, MIME): the same bytes on every attempt, pure ASCII, lines of at most 998 characters that end in CRLF.</summary>
internal static class MailText
{
    private const int LongestLine = 900;

    /// <summary>An encoded word has 75 characters; 12 of them frame 63 in base64, which hold 47 bytes.</summary>
    private const int EncodedWordBytes = 45;

    /// <param name="domain">Ends the Message-ID.</param>
    public static byte[] Of(OutgoingMail mail, string from, string domain)
    {
        var body = mail.Body.ReplaceLineEndings("\n").TrimEnd('\n');
        var isPlain = body.All(c => c is '\n' or '\t' or (>= ' ' and <= '~')) && body.Split('\n').All(line => line.Length <= LongestLine);
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"From: Vedette <{from}>\r\n")
            .Append(CultureInfo.InvariantCulture, $"To: {(MailAddress.IsPlain(mail.To) ? $"<{mail.To}>" : Header(mail.To))}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Subject: {Header(mail.Subject)}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Date: {mail.CreatedAt.UtcDateTime:ddd, dd MMM yyyy HH:mm:ss} +0000\r\n")
            .Append(CultureInfo.InvariantCulture, $"Message-ID: <{mail.MessageId}@{domain}>\r\n")
            .Append("Auto-Submitted: auto-generated\r\n")
            .Append("MIME-Version: 1.0\r\n")
            .Append("Content-Type: text/plain; charset=utf-8\r\n")
            .Append(CultureInfo.InvariantCulture, $"Content-Transfer-Encoding: {(isPlain ? "7bit" : "base64")}\r\n\r\n")
            .Append(isPlain ? body.Replace("\n", "\r\n", StringComparison.Ordinal) : Convert.ToBase64String(Encoding.UTF8.GetBytes(body), Base64FormattingOptions.InsertLineBreaks))
            .Append("\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>As it stands in a header: control characters become spaces, so that a text cannot begin a header of its own; non-ASCII is encoded (RFC 2047).</summary>
    private static string Header(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        if (line.All(c => c is >= ' ' and <= '~') && line.Length <= LongestLine && !line.Contains("=?", StringComparison.Ordinal))
            return line;

        var words = new List<string>();
        var word = new List<byte>();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in line.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(bytes);
            if (word.Count + length > EncodedWordBytes)
                Close();
            word.AddRange(bytes[..length]);
        }

        Close();
        return string.Join("\r\n ", words);

        void Close()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String([.. word])}?=");
            word.Clear();
        }
    }
}
