using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Vedette.Storage;

namespace Vedette.Server.Secrets;

/// <summary>Where the nodes of one database find each other's keys. The interface is synchronous, and is called a few times in a process's life.</summary>
internal sealed class KeyTable(Database database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [
            .. Task.Run(() => database.ReadAsync(
                session => session.ListAsync<string>("select xml from data_protection_key order by id"), CancellationToken.None))
                .GetAwaiter().GetResult()
                .Select(XElement.Parse),
        ];

    public void StoreElement(XElement element, string friendlyName) =>
        Task.Run(() => database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "insert into data_protection_key (friendly_name, xml) values (@friendlyName, @xml)",
                new { friendlyName, xml = element.ToString(SaveOptions.DisableFormatting) }),
            CancellationToken.None))
            .GetAwaiter().GetResult();
}
