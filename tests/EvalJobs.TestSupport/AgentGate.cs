using System.Net;
using System.Net.Sockets;

namespace EvalJobs.Tests.Support;

/// <summary>A port before an agent: while it is shut, connections are refused, or accepted and never answered; open, it passes everything on.</summary>
public sealed class AgentGate : IAsyncDisposable
{
    private readonly Uri _agent;
    private readonly bool _accepts;
    private readonly int _port;
    private readonly CancellationTokenSource _ended = new();
    private TcpListener? _listener;
    private volatile bool _isOpen;

    /// <param name="agent">Where the agent is.</param>
    /// <param name="accepts">Whether the shut gate takes connections; else they are refused.</param>
    public AgentGate(Uri agent, bool accepts)
    {
        _agent = agent;
        _accepts = accepts;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        if (accepts)
            Listen();
    }

    /// <summary>The gate's address, with the agent's scheme.</summary>
    public string Url => $"{_agent.Scheme}://localhost:{_port}";

    /// <summary>From now on connections reach the agent. Those that were held stay held.</summary>
    public void Open()
    {
        _isOpen = true;
        if (!_accepts)
            Listen();
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener?.Dispose();
        _ended.Dispose();
    }

    private void Listen()
    {
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _ = AcceptAsync(_listener, _ended.Token);
    }

    private async Task AcceptAsync(TcpListener listener, CancellationToken ended)
    {
        try
        {
            while (true)
                _ = PassAsync(await listener.AcceptTcpClientAsync(ended), ended);
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The gate was taken down.
        }
    }

    private async Task PassAsync(TcpClient client, CancellationToken ended)
    {
        using var caller = client;
        try
        {
            if (!_isOpen)
            {
                await Task.Delay(Timeout.Infinite, ended);
                return;
            }

            using var agent = new TcpClient();
            await agent.ConnectAsync(IPAddress.Loopback, _agent.Port, ended);
            await Task.WhenAny(
                caller.GetStream().CopyToAsync(agent.GetStream(), ended), agent.GetStream().CopyToAsync(caller.GetStream(), ended));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
        {
            // Either side has gone.
        }
    }
}
