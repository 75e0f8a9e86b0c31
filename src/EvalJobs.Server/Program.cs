Console.WriteLine("EvalJobs");
