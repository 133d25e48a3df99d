namespace Vedette.Server.Mail;

internal static class MailServices
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddMail()
        {
            services.AddSingleton<MailOutbox>();
            services.AddSingleton<MailFolder>();
            services.AddHostedService<MailWorker>();
            return services;
        }
    }
}
