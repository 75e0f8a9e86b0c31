using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Data.TSql;

public sealed class DatabaseCoverageTests : DatabaseCoverage;
