// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import ArgumentParser
internal import GibbonSchema

/// `gibbon explain`
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell which route a request would take, and why.",
    discussion: """
      Nothing is sent. The routes are those of the database, or of the declarative file.

      Examples:
        gibbon explain /users
        gibbon explain 'GET http://api.example.com/users?page=2'
        gibbon explain 'POST https://localhost/orders' -H 'Host: shop.test' -H 'X-Beta: 1' --sni shop.test

      The exit code is 1 when no route matches.
      """)

  @Argument(
    help: ArgumentHelp("Method and URL, or path; GET when there is no method.", valueName: "request"))
  var request: String

  @Option(name: [.customShort("H"), .long], help: ArgumentHelp("A header; may be repeated.", valueName: "name: value"))
  var header: [String] = []

  @Option(name: .long, help: ArgumentHelp("The server name of the TLS handshake; the URL's host.", valueName: "name"))
  var sni: String?

  @Flag(name: .long, help: "Answer in JSON, as the Admin API's /explain does.")
  var json = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var verbosity: Verbosity

  func run() throws {
    let request = try ExplainedRequest(self.request, headers: self.header, sni: self.sni)
    let configuration = try self.options.load(self.verbosity)
    let report: ExplainReport
    do {
      report = try Gateway.explain(request, configuration: configuration)
    } catch {
      throw Failure("\(error)")
    }
    Console.say(self.json ? String(decoding: JSONValue.object(report.json).serialized(), as: UTF8.self) : report.text)
    if report.route == nil { throw ExitCode(1) }
  }
}
