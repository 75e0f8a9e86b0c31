using EvalJobs.Domain;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>A genome and its file.</summary>
internal sealed record GenomeFile(FileInfo File, Genome Genome)
{
    private const int LabelLength = 12;

    /// <summary>The agent's name: that of the file, without the extension.</summary>
    public string AgentName => Path.GetFileNameWithoutExtension(File.Name);

    /// <summary>The version's label: the beginning of the genome's hash, so that the same genome is the same version.</summary>
    public string Label => Genome.Hash[..LabelLength];
}
