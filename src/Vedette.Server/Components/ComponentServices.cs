namespace Vedette.Server.Components;

internal static class ComponentServices
{
    extension(IServiceCollection services)
    {
        public void AddComponents()
        {
            services.AddSingleton<ComponentStore>();
            services.AddSingleton<AppCallLog>();
            services.AddSingleton<AppCaller>();
            services.AddSingleton<SelectOptions>();
            services.AddSingleton<ComponentPreparation>();
            services.AddSingleton<IssueLinking>();
            services.AddSingleton<AlertActionCalls>();
        }
    }
}
