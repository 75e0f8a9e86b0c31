using System.Net;
using System.Net.Sockets;

namespace EvalJobs.Tests.Support;

/// <summary>A port in front of an agent. While closed, it refuses connections, or accepts them and never answers. While open, it forwards everything.</summary>
public sealed class AgentGate : IAsyncDisposable
{
    private readonly Uri _agent;
    private readonly bool _accepts;
    private readonly int _port;
    private readonly CancellationTokenSource _ended = new();
    private TcpListener? _listener;
    private volatile bool _isOpen;

    /// <param name="agent">The address of the agent.</param>
    /// <param name="accepts">Whether the closed gate accepts connections; otherwise it refuses them.</param>
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

    /// <summary>From now on, new connections reach the agent. Connections that were accepted before stay unanswered.</summary>
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
            // The gate was disposed.
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
            // One side closed its connection.
        }
    }
}
