using System.Reflection;
using EvalJobs.ScorerHost;

ProcessLimits.Set();
Assembly.Load("EvalJobs").GetType("EvalJobs.Execution.Scoring.Processes.ScorerHost", throwOnError: true)!
    .GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!
    .Invoke(null, null);
