using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using System.Text;
using Vedette.Server.Configuration;
using Vedette.Storage;

namespace Vedette.Server.Secrets;

internal static class SecretServices
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Secrets are sealed with ASP.NET Data Protection. Its keys live in the data folder, or in a table where nodes
        /// share a database, wrapped by <c>VEDETTE_SECRET</c> when that is set.
        /// </summary>
        public IServiceCollection AddSecrets(VedetteOptions options)
        {
            var protection = services.AddDataProtection().SetApplicationName("Vedette");
            if (options.PostgresConnection is null)
                protection.PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(options.DataFolder, "keys")));
            else
                services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider =>
                    new ConfigureOptions<KeyManagementOptions>(keys => keys.XmlRepository = new KeyTable(provider.GetRequiredService<Database>())));

            if (options.Secret is { } secret)
            {
                var wrap = new KeyWrap(secret);
                services.AddSingleton(wrap);
                services.Configure<KeyManagementOptions>(keys => keys.XmlEncryptor = new WrappedKeyEncryptor(wrap));
            }

            services.AddSingleton(provider =>
            {
                var protector = provider.GetRequiredService<IDataProtectionProvider>().CreateProtector("secrets.v1");
                return new SecretBox(
                    secret => protector.Protect(Encoding.UTF8.GetBytes(secret)),
                    sealedSecret => Encoding.UTF8.GetString(protector.Unprotect(sealedSecret)));
            });
            services.AddSingleton<SecretCheck>();
            return services;
        }
    }
}
