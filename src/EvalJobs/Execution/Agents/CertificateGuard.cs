using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// Decides whether a server's certificate is trusted: by the system's authorities, or by those the operator gave for its host
/// (<see cref="AgentOptions.TrustedCertificates"/>). Says why when it is not.
/// </summary>
internal sealed class CertificateGuard(AgentOptions options)
{
    private readonly ConcurrentDictionary<string, X509Certificate2Collection> _files = new(StringComparer.Ordinal);

    /// <summary>For <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/>.</summary>
    /// <exception cref="AgentCallException">The certificate is not trusted. Asking again cannot help.</exception>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;

        var host = (sender as SslStream)?.TargetHostName ?? "";
        if (certificate is not X509Certificate2 server || chain is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            throw NotTrusted(host, "it sent none");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            throw NotTrusted(host, $"it is for another name ({Excerpt.Of(server.GetNameInfo(X509NameType.DnsName, forIssuer: false), 100)})");

        var entry = options.TrustedCertificates.FirstOrDefault(trusted => string.Equals(trusted.Host, host, StringComparison.OrdinalIgnoreCase));
        if (entry is null)
            throw NotTrusted(host, $"{Problem(server, chain)}. To trust it, name the host and a PEM file in EvalJobs:Agents:TrustedCertificates");

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_files.GetOrAdd(entry.File, Load));
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in chain.ChainElements)
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        return own.Build(server)
            ? true
            : throw NotTrusted(host, $"{Problem(server, own)}, by the authorities in EvalJobs:Agents:TrustedCertificates for this host");
    }

    private static string Problem(X509Certificate2 certificate, X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, item) => flags | item.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return FormattableString.Invariant($"it is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd} only");
        if (status.HasFlag(X509ChainStatusFlags.Revoked))
            return "it was revoked";
        if (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData))
            return "it is self-signed";
        return status.HasFlag(X509ChainStatusFlags.UntrustedRoot) || status.HasFlag(X509ChainStatusFlags.PartialChain)
            ? $"its authority is not known here ({Excerpt.Of(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true), 100)})"
            : $"its chain is not valid ({status})";
    }

    private static X509Certificate2Collection Load(string file)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0 ? certificates : throw new CryptographicException("no certificate in it");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new AgentCallException($"A file of EvalJobs:Agents:TrustedCertificates cannot be read as PEM certificates ({error.GetType().Name}).", error);
        }
    }

    private static AgentCallException NotTrusted(string host, string why) => new($"The certificate of {host} is not trusted: {why}.");
}
