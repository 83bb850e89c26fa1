package casepages

// Standing and Steps are open to the tests of the package.
type Standing = standing

var Steps = steps
