namespace Vedette.Server.Configuration;

/// <summary>Which apps are disabled when their receiver counts as broken.</summary>
internal enum DisableBroken
{
    Internal,
    All,
    None,
}
