using System.Globalization;
using Vedette.Server.Configuration;

namespace Vedette.Server.Mail;

/// <summary>Where mail goes while there is no mail server: one file a mail in the data folder, which only the owner of the process can read.</summary>
internal sealed class MailFolder(VedetteOptions options)
{
    public string PathOf(OutgoingMail mail) =>
        Path.Combine(options.DataFolder, "mail", string.Create(CultureInfo.InvariantCulture, $"{mail.Id:000000}-{mail.MessageId}.eml"));

    /// <summary>Whole or not at all. Writing a mail again replaces its file.</summary>
    public async Task<MailResult> WriteAsync(OutgoingMail mail, byte[] message, CancellationToken ct)
    {
        var file = PathOf(mail);
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            }
            else
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using (var stream = new FileStream($"{file}.new", create))
            {
                await stream.WriteAsync(message, ct);
                stream.Flush(flushToDisk: true);
            }

            File.Move($"{file}.new", file, overwrite: true);
            return MailResult.Filed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return MailResult.Delayed($"{file} cannot be written: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
