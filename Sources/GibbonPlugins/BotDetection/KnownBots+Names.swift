// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What Kong 3.9's bot-detection knows by name, taken from its rules (which are those of the ua-parser project) and put
/// in order: a plugin that stops more or fewer programs than before would be noticed by those it stops.
extension KnownBots {
  /// Names that tell a program wherever they stand. Letters have their case.
  static let anywhere =
    Self.libraries + Self.searchEngines + Self.watchers + Self.readers + Self.others

  private static let libraries = [
    "Apache-HttpClient", "Go-http-client", "Google-HTTP-Java-Client", "HttpMonitor", "JNLP", "Python-urllib",
    "TLSProber", "WinHTTP", "aihttp", "axios", "http%20client", "okhttp", "reqwest", "scalaj-http", "unirest-java",
    "unirest-net", "unirest-nodejs", "unirest-php", "unirest-python", "unirest-ruby",
  ]

  private static let searchEngines = [
    "AdsBot-Google", "AppEngine-Google", "Ask Jeeves", "BingPreview", "Charlotte", "Daumoa", "Flamingo_SearchEngine",
    "Googlebot", "HiddenMarket", "HooWWWer", "IlTrovatore", "InternetArchive", "MJ12bot", "Mail.RU_Bot",
    "Mediapartners-Google", "Nutch", "ObjectsSearch", "Pompos", "Qwantify", "SemrushBot", "Slurp", "Vagabondo",
    "VoilaBot", "Wotbox", "YahooSeeker", "YodaoBot", "ZyBorg", "altavista", "archiver", "bingbot", "charlotte",
    "gigabot", "gonzo1", "grub-client", "heritrix", "htdig", "ia_archiver", "ichiro", "larbin", "lycos", "masidani_bot",
    "mogimogi", "mozDex", "msnbot", "msrbot", "scooter", "searchsight", "seekbot", "yacy",
  ]

  private static let watchers = [
    "Catchpoint", "Checklinks", "GomezAgent", "PagePeeker", "PagesInventory", "Riddler", "Rival IQ", "SEOstats",
    "SiteCon", "URL2PNG", "Web-sniffer", "WebThumb", "WhatWeb", "YottaaMonitor", "ZooShot", "masscan",
  ]

  private static let readers = [
    "BlogBridge", "Bloglovin", "Feed Seeker Bot", "Feedbin", "Mtps Feed Aggregation System", "Netvibes", "NewsGator",
    "Read%20Later", "SimplePie", "SimpleRSS", "Stringer", "Tiny Tiny RSS",
  ]

  private static let others = [
    "50.nu", "Aboundex", "BUbiNG", "BoardReader Blog Indexer", "BoardReader Favicon Fetcher", "BotName/$BotVersion",
    "BotSeer", "CSimpleSpider", "Cityreview Robot", "FollowSite Bot", "Finderbots", "Genieo", "Google SketchUp",
    "Icarus6j", "IconSurf", "InfuzApp", "Job Roboter", "KaloogaBot", "Kraken", "Kurzor", "LEIA", "LesnikBot",
    "LinkAider", "LinkedInBot", "Linguee Bot", "Lite Bot", "Llaut", "Nymesis", "OOZBOT", "OgScrper", "Orbiter",
    "PaxleFramework", "Peeplo Screenshot Bot", "PlantyNet_WebRobot", "Reaper", "RedCarpet", "Retreiver", "Scrapy",
    "Scrubby", "Simpy", "SiteCat Webbot", "Slack-ImgProxy", "Slackbot-LinkExpanding", "Squrl Java", "TheUsefulbot",
    "ThumbShotsBot", "Thumbshots.ru", "Twitterbot", "Votay bot", "WIRE", "WhatsApp", "WordPress", "Yowedo",
    "ZeBot_www.ze.bz", "blitzbot", "clumboot", "favicon", "findlinks", "furlbot", "holmes", "netresearch",
    "semanticdiscovery", "snappy", "www.almaden.ibm.com",
  ]

  /// At the beginning of the text only.
  static let atStart = ["NING", "Zao", "vortex", "voyager"]

  /// Where a word begins, followed by `/` and a digit.
  static let versioned = [
    "008", "Altresium", "Argus", "BaiduMobaider", "BoardReader", "DNSGroup", "DataparkSearch", "EDI", "Goodzer", "Grub",
    "INGRID", "Infohelfer", "LOOQ", "Peew", "PathDefender", "PostPost", "Steeler", "VSE", "WebCrunch", "WebZIP",
    "envolk", "sproose", "wminer",
  ]

  /// Between `/` and a space or dash with a digit.
  static let afterSlash = ["Axtaris", "Isara", "ShopSalad", "Tailsweep", "fetchurl"]

  /// What any name may have in it; the case of these letters does not count.
  static let parts = ["crawl", "spider"]

  /// Followed by `/` or a space, and a digit.
  static let endings = ["Archiver", "Bot", "Indexer", "archiver", "bot", "indexer"]

  /// What has more to it than a name.
  static let expression = [
    #"Accoona-[A-z]{1,30}-Agent"#, #"archive.{0,30}\.org_bot"#, #"boitho.com-dc"#, #"\bYeti"#, #"\bY!J-BR[A-Z]/\d"#,
    #"IP2[a-z]{1,30}Bot"#, #"jbot\b"#, #"Microsoft .{0,30} Bot"#, #"WASALive.Bot"#, #"WeSEE:[A-z]"#,
    #"Xenu(?:.s)? Link Sleuth"#, #"Xerka [A-z]{1,30}Bot"#, #"Yandex\w"#, #"[Ss]crape"#,
    #"Pingdom\.com_bot_version_\d+\.\d"#, #"facebookexternalhit/\d+\.\d"#, #" PTST/\d+\.?\d+$"#,
    #"\b(?:Boto3?|JetS3t|s3fs|aws-(?:cli|sdk-(?:cpp|go|java|nodejs|ruby2?|dotnet-(?:\d\d?|core))))/\d+\.\d"#,
  ].joined(separator: "|")
}
