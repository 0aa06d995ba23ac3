// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Testing

@testable import GibbonPlugins

/// Who is taken for a program, and who must not be.
@Suite struct KnownBotsTests {
  private static func knows(_ agent: String, _ bots: KnownBots = .shared) -> Bool {
    bots.contains(Array(agent.utf8).span)
  }

  @Test(
    arguments: [
      // By their endings.
      "Googlebot/2.1 (+http://www.google.com/bot.html)", "SomeBot", "bot", "Bot/1", "my-bot", "some_bot 2", "robots",
      "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "AdsBot-Google-Mobile", "msnbot2",
      "Mozilla/5.0 (compatible; Baiduspider/2.0)", "Sogou web spider/4.0", "TelegramBot (like TwitterBot)",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
      "Mozilla/5.0 (compatible; ClaudeBot/1.0)", "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "ia_archiver",
      "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)", "crawler4j", "ScRaWl",
      "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "ScrapeIt/2", "SomeIndexer",
      "webSPIDER",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 8_3 like Mac OS X) Mobile/12F70 Safari/600.1.4 (compatible; Googlebot/2.1)",
      "Feedly/1.0 (+http://www.feedly.com/fetcher.html)", "CUBOT-Bot",
      // By their names.
      "facebookexternalhit/1.1", "WhatsApp/2.23.20.0", "Mozilla/5.0 (compatible; Yahoo! Slurp)", "Go-http-client/2.0",
      "python-requests/2.31.0", "Python/3.11 aiohttp/3.9.1", "GO-HTTP-CLIENT", "Java/1.8.0_392", "Java/17.0.9",
      "Mozilla/4.5 (compatible; HTTrack 3.0x; Windows 98)", "libwww-perl/6.72", "Scrapy/2.11 (+https://scrapy.org)",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0)", "axios/1.6.2", "[PTST/1]",
      "Mediapartners-Google", "Snap URL Preview Service", "\u{FF}zgrab/0.x",
    ])
  func programsAreKnown(agent: String) {
    #expect(Self.knows(agent))
  }

  @Test(
    arguments: [
      // Browsers.
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari",
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Version/17.1 Mobile/15E148 Safari",
      "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) AppleWebKit/537.36 Version/4.0 Chrome/120.0 Mobile",
      "Mozilla/5.0 (Windows NT 10.0) Chrome/118.0 YaBrowser/23.11 Yowser/2.5 Safari/537.36", "Opera/9.80 (J2ME/MIDP)",
      "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)", "Lynx/2.9.0 libwww-FM/2.14", "w3m/0.5.3",
      // Pages within apps.
      "Mozilla/5.0 (iPhone) Mobile/15E148 [FBAN/FBIOS;FBAV/440.0;FBDV/iPhone14,2]", "Instagram 312.0 (iPhone14,2)",
      "Mozilla/5.0 (iPhone) Mobile/15E148 [Pinterest/iOS]", "Mozilla/5.0 (Linux; Android 13) Chrome/120 Twitter/10",
      "Mozilla/5.0 (Macintosh) AppleWebKit/537.36 Slack_SSB/4.35 Chrome/118 Electron/27", "LinkedInApp/9.28",
      // A telephone, and names.
      "Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "CUBOT_P40",
      "Talbots/5.1 CFNetwork/1474 Darwin/23.0.0", "Abbot 1", "abbott", "Botany/2", "robotics", "bottle/0.13",
      // Apps and tools of people.
      "curl/8.4.0", "Wget/1.21.4", "HTTPie/3.2.2", "PostmanRuntime/7.36.0", "insomnia/8.4", "okhttp/4.12.0",
      "Dart/3.2 (dart:io)", "MyApp/1.0 CFNetwork/1474 Darwin/23.0.0", "Dalvik/2.1.0 (Linux; U; Android 14)",
      "Alamofire/5.8", "grpc-go/1.60", "aws-cli/2.15", "Mozilla/5.0", "HelloWorld", "",
      // Of the infrastructure.
      "kube-probe/1.29", "ELB-HealthChecker/2.0", "GoogleHC/1.0", "Prometheus/2.48",
      // Names within longer words.
      "MyWhatsAppClient/1", "axiosx/1", "xaxios", "Slurpee", "python-requests2", "Javascript/1.0", "Java", "Yetis",
      "s", "2", "1234", "---", "\u{FF}\u{FE}", "crawX", "spide", "fetch",
    ])
  func othersAreNot(agent: String) {
    #expect(!Self.knows(agent))
  }

  @Test func everyNameIsFoundWhereverItStands() {
    for name in KnownBots.names {
      #expect(Self.knows(name) && Self.knows(name.uppercased()) && Self.knows(name.lowercased()), "\(name)")
      #expect(Self.knows("Mozilla/5.0 (compatible; \(name)/1.0; +https://site.example)"), "\(name)")
      #expect(!Self.knows("x\(name)"), "\(name) needs the beginning of a word")
      #expect(!Self.knows("\(name)x") || name.hasSuffix("/"), "\(name) needs the end of a word")
    }
  }

  /// What the endings know needs no name.
  @Test func theListIsOfUse() {
    let rules = KnownBots([])
    for name in KnownBots.names { #expect(!Self.knows(name, rules), "\(name)") }
    #expect(Set(KnownBots.names.map { $0.lowercased() }).count == KnownBots.names.count)
    #expect((80...150).contains(KnownBots.names.count))
  }

  @Test func whatIsFarBehindIsNotLookedAt() {
    let padding = String(repeating: "a ", count: KnownBots.textLimit / 2)
    #expect(Self.knows(String(padding.dropLast(10)) + " bot"))
    #expect(!Self.knows(padding + "Googlebot/2.1"))
    #expect(!Self.knows(padding + "axios"))
  }

  /// Nothing that a client sends makes the search long: each text here has many places where one could begin.
  @Test(arguments: ["crawspide", "goo-http-clien", "bo", "google-inspectiontoo ", "1", "s", "\u{FF}", "cubots ", "P"])
  func longTextsEnd(part: String) {
    #expect(!Self.knows(String(repeating: part, count: 65_536 / part.utf8.count)))
  }
}
