using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MimeKit;
using SmtpServer;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace EvalJobs.Tests.Support;

/// <summary>A real SMTP server on loopback that keeps the mail it accepts. It accepts every recipient except <c>gone@example.com</c>.</summary>
public sealed class MailReceiver : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Store _store = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _running;

    private MailReceiver(bool withTls)
    {
        Port = FreePort();
        _certificate = withTls ? SelfSigned() : null;
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint =>
        {
            endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port)).AllowUnsecureAuthentication(false);
            if (_certificate is not null)
                endpoint.Certificate(_certificate);
        }).Build();
        var services = new ServiceProvider();
        services.Add(_store);
        services.Add(new KnownReceivers());
        _running = new SmtpServer.SmtpServer(options, services).StartAsync(_stop.Token);
    }

    public int Port { get; }

    public IReadOnlyCollection<MimeMessage> Mails => _store.Mails;

    /// <summary>The server's answer to a complete mail.</summary>
    public SmtpResponse Answer
    {
        get => _store.Answer;
        set => _store.Answer = value;
    }

    /// <summary>How long it waits before it answers each mail.</summary>
    public TimeSpan Pause
    {
        get => _store.Pause;
        set => _store.Pause = value;
    }

    /// <summary>The highest number of mails sent to it at the same time.</summary>
    public int MostAtOnce => _store.MostAtOnce;

    /// <summary>Starts a server; with TLS it offers STARTTLS with a certificate that no client trusts.</summary>
    public static MailReceiver Start(bool withTls = false) => new(withTls);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _certificate?.Dispose();
        _stop.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private sealed class KnownReceivers : MailboxFilter
    {
        public override Task<bool> CanDeliverToAsync(ISessionContext context, IMailbox to, IMailbox from, CancellationToken cancellationToken) =>
            Task.FromResult(to.User != "gone");
    }

    private sealed class Store : MessageStore
    {
        public ConcurrentQueue<MimeMessage> Mails { get; } = new();

        private readonly Lock _gate = new();
        private int _atOnce;

        public SmtpResponse Answer { get; set; } = SmtpResponse.Ok;

        public TimeSpan Pause { get; set; }

        public int MostAtOnce { get; private set; }

        public override async Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            using var stream = new MemoryStream(buffer.ToArray());
            lock (_gate)
                MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
            await Task.Delay(Pause, cancellationToken);
            lock (_gate)
                _atOnce--;
            if (Answer.ReplyCode == SmtpReplyCode.Ok)
                Mails.Enqueue(await MimeMessage.LoadAsync(stream, cancellationToken));
            return Answer;
        }
    }
}
