// The product runs in the invariant culture (InvariantGlobalization), and so must its tests, whatever the machine speaks.
[assembly: SetCulture("")]
[assembly: SetUICulture("")]
