// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonConfig

@Suite struct SourcesTests {
  @Test func laterLayersWin() throws {
    let file = "log_level = info\nprefix = /file"
    #expect(try load().logs.level == .notice)
    #expect(try load(file).logs.level == .info)
    #expect(try load(file, environment: ["KONG_LOG_LEVEL": "warn"]).logs.level == .warn)
    #expect(
      try load(file, environment: ["KONG_LOG_LEVEL": "warn", "GIBBON_LOG_LEVEL": "error"]).logs.level == .error)
    let argument = ConfigurationSources.Argument(property: "prefix", value: "/flag", flag: "-p")
    let all = sources(file: file, environment: ["GIBBON_PREFIX": "/env"], arguments: [argument])
    #expect(try all.load().prefix == "/flag")
    #expect(all.prefix() == "/flag")
  }

  @Test func theSourceOfAValueIsKnown() throws {
    let configuration = try load("\nlog_level = info", environment: ["KONG_PG_USER": "me"])
    #expect(configuration.source("log_level") == .file(path: "/test/gibbon.conf", line: 2))
    #expect(configuration.source("pg_user") == .environment(name: "KONG_PG_USER"))
    #expect(configuration.source("role") == .builtIn)
  }

  @Test func anEmptyValueIsTheDefault() throws {
    #expect(try load("log_level = debug", environment: ["GIBBON_LOG_LEVEL": ""]).logs.level == .notice)
    #expect(try load("declarative_config =").declarative == nil)
  }

  @Test func aNamedFileMustExist() {
    var missing = sources()
    missing.path = "/nowhere.conf"
    #expect(throws: ConfigurationError.self) { try missing.load() }
  }

  @Test func theFirstExistingFileIsTaken() throws {
    var several = sources(others: ["/b": "log_level = info", "/c": "log_level = debug"])
    several.searchPaths = ["/a", "/b", "/c"]
    #expect(several.file == "/b")
    #expect(try several.load().logs.level == .info)
    #expect(
      ConfigurationSources.standardPaths == [
        "/etc/gibbon/gibbon.conf", "/etc/gibbon.conf", "/etc/kong/kong.conf", "/etc/kong.conf",
      ])
  }

  @Test func thePrefixIsFoundInABrokenConfiguration() {
    #expect(sources(file: "prefix = /x/\nlog_level = loud\nnonsense").prefix() == "/x")
  }

  @Test func aRepeatedPropertyIsAWarningAndTheLastOneCounts() throws {
    let configuration = try load("log_level = info\nlog_level = debug")
    #expect(configuration.logs.level == .debug)
    #expect(
      configuration.warnings == ["/test/gibbon.conf:2: log_level is given again; the value of line 1 is ignored"])
  }

  @Test(arguments: [
    ("proxy_lisen = off", "/test/gibbon.conf:1: unknown property 'proxy_lisen'; did you mean 'proxy_listen'?"),
    ("log_levle = info", "/test/gibbon.conf:1: unknown property 'log_levle'; did you mean 'log_level'?"),
    ("something_else_entirely = 1", "/test/gibbon.conf:1: unknown property 'something_else_entirely'"),
  ])
  func unknownNamesInTheFileAreProblems(_ text: String, _ problem: String) {
    #expect(problems(text) == [problem])
  }

  @Test func unknownVariablesOfGibbonAreProblemsAndKongsAreWarnings() throws {
    #expect(
      problems(environment: ["GIBBON_PG_HOSTT": "x"]) == [
        "environment GIBBON_PG_HOSTT: unknown property 'pg_hostt'; did you mean 'pg_host'?"
      ])
    let configuration = try load(environment: ["KONG_VERSION": "3.9", "KONG_ADMIN_TOKEN": "t"])
    #expect(
      configuration.warnings == ["ignored, since Gibbon has no such property: KONG_ADMIN_TOKEN, KONG_VERSION"])
  }

  @Test func allProblemsAreToldAtOnce() {
    let found = problems(
      "log_level = loud\nproxy_lisen = off\npg_port = 0", environment: ["GIBBON_ROLE": "king", "GIBBON_X": "1"])
    #expect(found.count == 5)
    #expect(
      found.contains(
        "/test/gibbon.conf:1: log_level = 'loud': expected one of debug, info, notice, warn, error, crit, alert, emerg"
      ))
    #expect(found.contains("/test/gibbon.conf:3: pg_port = '0': expected a whole number from 1 to 65535"))
    #expect(
      found.contains("environment GIBBON_ROLE: role = 'king': expected one of traditional, control_plane, data_plane"))
  }

  @Test func secretsStayOutOfProblemsAndListings() throws {
    let found = problems("proxy_server = hunter2")
    #expect(found.count == 1)
    #expect(found.allSatisfy { !$0.contains("hunter2") && $0.contains("******") })
    let listing = try load("pg_password = hunter2").listing
    #expect(listing.first { $0.name == "pg_password" }?.value == "******")
    #expect(listing.first { $0.name == "pg_user" }?.value == "kong")
    #expect(listing.allSatisfy { $0.name != "pg_schema" })
  }
}
